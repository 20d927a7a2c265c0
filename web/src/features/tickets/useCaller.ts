import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, watch, type Ref } from 'vue'
import { api } from '@/api/client'
import type { CallerContact, CallerLookup } from '@/api/types'

const PAUSE = 180
const FRESH = 30_000

export function looksLikePhone(text: string): boolean {
  return /^[+\d][\d\s()-]{1,}$/.test(text.trim())
}
/** The last four digits are the least a number is known by. */
const askable = (text: string) => (looksLikePhone(text) ? text.replace(/\D/g, '').length >= 4 : text.length >= 1)

/** Who calls, by number or name: looked up when the hand pauses, or at once when somebody is to be taken. */
export function useCaller(words: Ref<string>) {
  const client = useQueryClient()
  const asked = ref('')
  let pause: ReturnType<typeof setTimeout> | undefined
  watch(words, (value) => {
    clearTimeout(pause)
    pause = setTimeout(() => {
      asked.value = value.trim()
    }, PAUSE)
  })
  const query = (text: string, signal: AbortSignal) =>
    api.get<CallerLookup>('/desk/caller', { query: looksLikePhone(text) ? { phone: text } : { name: text }, signal })
  const lookup = useQuery({
    queryKey: ['ticket', 'caller', asked],
    queryFn: ({ signal }) => query(asked.value, signal),
    enabled: computed(() => askable(asked.value)),
    staleTime: FRESH,
  })
  /** The answer to what is typed now, whatever was asked before; nobody when there is none. */
  async function find(): Promise<CallerContact[]> {
    const text = words.value.trim()
    clearTimeout(pause)
    asked.value = text
    if (!askable(text)) return []
    const queryKey = ['ticket', 'caller', text]
    const answer = client.fetchQuery({ queryKey, queryFn: ({ signal }) => query(text, signal), staleTime: FRESH })
    return answer.then(
      (found) => found.contacts,
      () => [],
    )
  }
  return { lookup, find }
}
