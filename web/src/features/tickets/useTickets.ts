import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api } from '@/api/client'
import type { Page, ProcessDetail, TicketCounts, TicketDetail, TimelineEntry } from '@/api/types'
import { readProcess } from './process'

export function useTicket(id: Ref<string>) {
  return useQuery({
    queryKey: ['ticket', 'one', id],
    queryFn: ({ signal }) => api.get<TicketDetail>('/tickets/{id}', { path: { id: id.value }, signal }),
    enabled: computed(() => !!id.value),
  })
}

export function useTimeline(id: Ref<string>) {
  return useInfiniteQuery({
    queryKey: ['ticket', 'timeline', id],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<TimelineEntry>>('/tickets/{id}/timeline', {
        path: { id: id.value },
        query: { after: pageParam, limit: 40 },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: computed(() => !!id.value),
  })
}

export function useTicketCounts(filters: Ref<Record<string, unknown>>) {
  return useQuery({
    queryKey: ['ticket', 'counts', filters],
    queryFn: ({ signal }) =>
      api.get<TicketCounts>('/tickets/counts', { query: filters.value as Record<string, string>, signal }),
    placeholderData: keepPreviousData,
  })
}

/** The definition: states, fields with their words, and the fault levels of the project's agreements in force on a day. */
export function useProcess(
  key: Ref<string>,
  project?: Ref<string | null | undefined>,
  on?: Ref<string | null | undefined>,
) {
  const query = useQuery({
    queryKey: ['process', key, project, on],
    queryFn: () =>
      api.get<ProcessDetail>('/processes/{key}', {
        path: { key: key.value },
        query: { project: project?.value, on: on?.value },
      }),
    enabled: computed(() => !!key.value),
    placeholderData: keepPreviousData,
    staleTime: 5 * 60_000,
  })
  const process = computed(() => (query.data.value ? readProcess(query.data.value) : undefined))
  return { query, process }
}

export interface ActInput {
  action: string
  version: number
  fields: Record<string, unknown>
  note?: string
  happened_at?: string | null
}

export function useAct(id: Ref<string>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ action, version, ...body }: ActInput) =>
      api.post<TicketDetail>('/tickets/{id}/actions/{action}', body, { path: { id: id.value, action }, version }),
    onSuccess: (ticket) => {
      client.setQueryData(['ticket', 'one', id.value], ticket)
      void client.invalidateQueries({ queryKey: ['ticket'] })
    },
  })
}
