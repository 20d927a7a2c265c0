import { onScopeDispose, reactive, ref, toRaw, watch } from 'vue'
import { asProblem, Problem } from '@/api/problem'
import { t } from '@/app/i18n'

export interface FormOptions<T extends object> {
  initial: () => T
  /** Keeps what was typed in this tab until it is sent. Secrets must not be given a draft. */
  draft?: string
  /** What must not stay empty: named all at once, where the server would stop at the first that does not fit its type. */
  required?: (keyof T & string)[]
  send: (values: T) => Promise<unknown>
}

const PREFIX = 'anlan.draft.'

/** One form: its values, the refusals beside the fields, the rest on top, a draft that survives a reload. */
export function useForm<T extends object>(options: FormOptions<T>) {
  const values = reactive(options.initial()) as T
  const errors = reactive<Record<string, string>>({})
  const problem = ref<Problem | null>(null)
  const busy = ref(false)
  const restored = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  const key = options.draft ? PREFIX + options.draft : null
  if (key) {
    const kept = readDraft<T>(key)
    if (kept) {
      Object.assign(values, kept)
      restored.value = true
    }
    watch(
      () => JSON.stringify(values),
      (text) => {
        clearTimeout(timer)
        timer = setTimeout(() => writeDraft(key, text), 250)
      },
    )
    onScopeDispose(() => clearTimeout(timer))
  }

  function clearErrors(): void {
    for (const field of Object.keys(errors)) delete errors[field]
    problem.value = null
  }
  function reset(next?: T): void {
    for (const field of Object.keys(values)) delete (values as Record<string, unknown>)[field]
    Object.assign(values, next ?? options.initial())
    clearErrors()
    dropDraft()
  }
  function dropDraft(): void {
    clearTimeout(timer)
    restored.value = false
    if (key)
      try {
        sessionStorage.removeItem(key)
      } catch {
        /* nothing was kept */
      }
  }
  function refuseEmpty(): void {
    const empty = (options.required ?? []).filter((field) => values[field] === null || values[field] === '')
    if (empty.length === 0) return
    const errors = empty.map((field) => ({ field, code: 'required', message: t('form.required') }))
    throw new Problem(422, { code: 'invalid', errors })
  }
  async function submit(): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    clearErrors()
    try {
      refuseEmpty()
      await options.send(JSON.parse(JSON.stringify(toRaw(values))) as T)
      dropDraft()
      return true
    } catch (error) {
      problem.value = asProblem(error)
      Object.assign(errors, problem.value.byField())
      return false
    } finally {
      busy.value = false
    }
  }
  return { values, errors, problem, busy, restored, submit, reset, clearErrors, dropDraft }
}

function readDraft<T>(key: string): Partial<T> | null {
  try {
    const text = sessionStorage.getItem(key)
    return text ? (JSON.parse(text) as Partial<T>) : null
  } catch {
    return null
  }
}
function writeDraft(key: string, text: string): void {
  try {
    sessionStorage.setItem(key, text)
  } catch {
    /* a full or refused storage only loses the draft */
  }
}
