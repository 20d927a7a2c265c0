import { useQueryClient } from '@tanstack/vue-query'
import { ref, type Ref } from 'vue'
import { api, newKey } from '@/api/client'
import { t } from '@/app/i18n'
import { confirmed, toast } from './feedback'
import { useForm } from './form'

interface Record_ {
  id: string
  version: number
}
export interface RecordFormOptions<R extends Record_, V extends object> {
  /** '/units': POST creates, PUT '/units/{id}' changes, DELETE removes. */
  path: string
  topic: string
  blank: () => V
  from: (row: R) => V
  draft?: string
  required?: (keyof V & string)[]
  created?: (answer: unknown) => void
  /** The last touch before sending; `row` is what is being changed. */
  write?: (values: V, row: R | null) => unknown
}

/** A dialog that creates or changes one record of a list. */
export function useRecordForm<R extends Record_, V extends object>(options: RecordFormOptions<R, V>) {
  const client = useQueryClient()
  const open = ref(false)
  const editing = ref<R | null>(null) as Ref<R | null>
  let key = newKey()
  const form = useForm<V>({
    initial: options.blank,
    draft: options.draft,
    required: options.required,
    send: async (values) => {
      const row = editing.value
      const body = options.write ? options.write(values, row) : values
      if (row) {
        await api.put(`${options.path}/{id}`, body, { path: { id: row.id }, version: row.version })
      } else {
        const answer = await api.post<unknown>(options.path, body, { idempotencyKey: key })
        options.created?.(answer)
      }
      key = newKey()
      await client.invalidateQueries({ queryKey: [options.topic] })
    },
  })
  function edit(row: R | null): void {
    if (row || editing.value) form.reset(row ? options.from(row) : undefined)
    editing.value = row
    form.clearErrors()
    open.value = true
  }
  async function send(): Promise<boolean> {
    if (!(await form.submit())) return false
    open.value = false
    toast.ok(t('state.saved'))
    return true
  }
  async function drop(question: string, title: string): Promise<void> {
    const row = editing.value
    if (!row || !(await confirmed(question, title, t('act.delete')))) return
    try {
      await api.delete(`${options.path}/{id}`, { path: { id: row.id }, version: row.version })
      open.value = false
      await client.invalidateQueries({ queryKey: [options.topic] })
    } catch (error) {
      toast.fail(error)
    }
  }
  return { open, editing, form, edit, send, drop }
}
