import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, ref, watch, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { api } from '@/api/client'
import type { Page } from '@/api/types'

export type Filters = Record<string, string>

/** The state of a list lives in its address: a link shows a colleague the same rows. */
export function useUrlFilters(keys: string[], defaults: Filters = {}) {
  const route = useRoute()
  const router = useRouter()
  const filters = computed<Filters>(() => {
    const found: Filters = { ...defaults }
    for (const key of keys) {
      const value = route.query[key]
      if (typeof value === 'string') found[key] = value
    }
    return Object.fromEntries(Object.entries(found).filter(([, v]) => v !== ''))
  })
  function set(next: Filters): void {
    const query: Record<string, string> = {}
    for (const key of keys) {
      const value = next[key] ?? ''
      // An emptied default is kept as an empty word, or it would come back.
      if (value !== (defaults[key] ?? '')) query[key] = value
    }
    void router.replace({ query })
  }
  function patch(change: Filters): void {
    set({ ...filters.value, ...change })
  }
  return { filters, set, patch }
}

/** One page at a time by cursor: any page of a million rows costs the same. */
export function useKeysetList<T>(topic: string, path: string, params: Ref<Record<string, unknown>>, limit = 50) {
  const cursors = ref<string[]>([])
  watch(
    () => JSON.stringify(params.value),
    () => {
      cursors.value = []
    },
  )
  const query = useQuery({
    queryKey: [topic, 'list', path, params, cursors],
    queryFn: ({ signal }) =>
      api.get<Page<T>>(path, {
        query: { ...(params.value as Record<string, string>), limit, after: cursors.value.at(-1) },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
  const rows = computed(() => query.data.value?.items ?? [])
  const hasNext = computed(() => !!query.data.value?.next)
  const page = computed(() => cursors.value.length + 1)
  /** All there are once the end was seen; `50+` while more follow. */
  const count = computed(() => {
    if (!query.data.value) return null
    return `${cursors.value.length * limit + rows.value.length}${hasNext.value ? '+' : ''}`
  })
  function next(): void {
    if (query.data.value?.next) cursors.value = [...cursors.value, query.data.value.next]
  }
  function previous(): void {
    cursors.value = cursors.value.slice(0, -1)
  }
  return { query, rows, count, hasNext, page, next, previous }
}
