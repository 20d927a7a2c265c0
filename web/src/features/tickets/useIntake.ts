import { useQueryClient } from '@tanstack/vue-query'
import { ref, watch } from 'vue'
import { api, newKey } from '@/api/client'
import { Problem } from '@/api/problem'
import type { CallerContact, TicketDetail } from '@/api/types'
import { useSession } from '@/app/session'
import { useForm } from '@/ui/form'
import { looksLikePhone, useCaller } from './useCaller'

export interface Intake {
  project_id: string | null
  fields: Record<string, unknown>
  happened_at: string | null
  note: string
}

/** Registering: by whom, for which project, what is wrong. The caller fills what is known. */
export function useIntake(kind: 'call' | 'full') {
  const session = useSession()
  const client = useQueryClient()
  let key = newKey()
  const blank = (): Intake => ({
    project_id: session.projectId ?? (session.projects.length === 1 ? session.projects[0]!.id : null),
    fields: {
      title: '',
      description: '',
      type: 'fault',
      channel: 'phone',
      unit_id: null,
      contact_id: null,
      caller_name: '',
      caller_phone: '',
      caller_department: '',
      impact: 2,
      urgency: 2,
      level: null,
      business_reason: '',
      system: '',
      location: '',
    },
    happened_at: null,
    note: '',
  })
  const created = ref<TicketDetail | null>(null)
  const form = useForm<Intake>({
    initial: blank,
    draft: `intake.${kind}`,
    send: async (given) => {
      const body = {
        process: 'incident',
        ...given,
        fields: withTitle(clean(given.fields)),
        note: given.note || undefined,
        happened_at: given.happened_at ?? undefined,
      }
      created.value = await api
        .post<TicketDetail>('/tickets', body, { idempotencyKey: key })
        .catch((error: unknown) => Promise.reject(titleless(error)))
      key = newKey()
      void client.invalidateQueries({ queryKey: ['ticket'] })
    },
  })

  const words = ref('')
  const { lookup, find } = useCaller(words)

  const known = ref<CallerContact | null>(null)
  /** The caller is known: unit, project, department follow. */
  function take(contact: CallerContact): void {
    known.value = contact
    const typed = looksLikePhone(words.value) ? words.value.trim() : null
    Object.assign(form.values.fields, {
      contact_id: contact.id,
      unit_id: contact.unit?.id ?? null,
      caller_name: contact.name,
      caller_phone: typed ?? (contact.phone || contact.mobile || ''),
      caller_department: contact.department,
    })
    if (contact.projects[0] && !contact.projects.some((p) => p.id === form.values.project_id))
      form.values.project_id = contact.projects[0].id
  }
  /** Nobody known by that number: it is kept as typed. */
  function takeTyped(): void {
    known.value = null
    const typed = words.value.trim()
    if (looksLikePhone(typed)) form.values.fields.caller_phone = typed
    else form.values.fields.caller_name = typed
  }
  function restart(): void {
    form.reset(blank())
    known.value = null
    words.value = ''
  }
  function forget(): void {
    known.value = null
    const blanks = { contact_id: null, unit_id: null, caller_name: '', caller_department: '', caller_phone: '' }
    Object.assign(form.values.fields, blanks)
  }
  // Other words are another caller.
  watch(words, () => {
    if (known.value) forget()
  })
  return { form, words, lookup, find, known, take, takeTyped, forget, created, restart }
}

/** The title is made of the description: when both are missing one refusal is enough. */
export function titleless(error: unknown): unknown {
  if (!(error instanceof Problem) || !error.byField().description) return error
  return new Problem(error.status, {
    ...error,
    errors: error.errors.filter((e) => !/^(fields\.)?title$/.test(e.field)),
  })
}

/** Only what was given is sent: an empty field is not an answer. */
export function clean(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== null && v !== undefined && v !== ''))
}

/** The first sentence is the title when none was typed. */
export function withTitle(fields: Record<string, unknown>): Record<string, unknown> {
  if (fields.title || typeof fields.description !== 'string') return fields
  const first = fields.description
    .trim()
    .split(/[\n。！？!?；;]/)[0]!
    .trim()
  return { ...fields, title: first.length > 60 ? `${first.slice(0, 59)}…` : first }
}
