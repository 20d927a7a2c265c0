import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, newKey } from '@/api/client'
import type {
  Availability,
  FailedProbe,
  System,
  MonitorDetail,
  MonitorEvent,
  MonitorRow,
  Series,
  Tried,
} from '@/api/types'
import { useKeysetList } from '@/ui/list'
import { inputOf, tidy, type MonitorInput } from './model'

export function useMonitor(id: Ref<string | undefined>) {
  return useQuery({
    queryKey: ['monitor', 'one', id],
    queryFn: ({ signal }) => api.get<MonitorDetail>('/monitors/{id}', { path: { id: id.value! }, signal }),
    enabled: computed(() => !!id.value),
  })
}

export interface Span {
  from: string
  to: string
}

export function useSeries(id: Ref<string>, metric: Ref<string>, span: Ref<Span>) {
  return useQuery({
    queryKey: ['monitor', 'series', id, metric, span],
    queryFn: ({ signal }) =>
      api.get<Series>('/monitors/{id}/series', {
        path: { id: id.value },
        query: { metric: metric.value, ...span.value, points: 300 },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })
}

export function useAvailability(id: Ref<string>, span: Ref<Span>) {
  return useQuery({
    queryKey: ['monitor', 'availability', id, span],
    queryFn: ({ signal }) =>
      api.get<Availability>('/monitors/{id}/availability', {
        path: { id: id.value },
        query: { ...span.value },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
}

export function useSystems(project: Ref<string>, span: Ref<Span>) {
  return useQuery({
    queryKey: ['monitor', 'systems', project, span],
    queryFn: ({ signal }) =>
      api.get<System[]>('/monitors/systems', { query: { project: project.value, ...span.value }, signal }),
    placeholderData: keepPreviousData,
  })
}

export const useEvents = (id: Ref<string>) =>
  useKeysetList<MonitorEvent>(
    'monitor',
    `/monitors/${id.value}/events`,
    computed(() => ({})),
    30,
  )
export const useFailures = (id: Ref<string>) =>
  useQuery({
    queryKey: ['monitor', 'failures', id],
    queryFn: ({ signal }) => api.get<FailedProbe[]>('/monitors/{id}/failures', { path: { id: id.value }, signal }),
  })

export function useTry() {
  return useMutation({
    mutationFn: (input: MonitorInput) => {
      const { kind, config, timeout_seconds, project_id } = tidy(input)
      return api.post<Tried>('/monitors/try', { kind, config, timeout_seconds, project_id })
    },
  })
}

export function useSaveMonitor(id: Ref<string | undefined>) {
  const client = useQueryClient()
  const key = newKey()
  return useMutation({
    mutationFn: ({ input, version }: { input: MonitorInput; version?: number }) =>
      id.value
        ? api.put<MonitorDetail>('/monitors/{id}', tidy(input), { path: { id: id.value }, version })
        : api.post<MonitorDetail>('/monitors', tidy(input), { idempotencyKey: key }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['monitor'] }),
  })
}

export function useSwitchMonitors() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async ({ ids, enabled }: { ids: string[]; enabled: boolean }) => {
      for (const id of ids) {
        const { version, ...monitor } = await api.get<MonitorDetail>('/monitors/{id}', { path: { id } })
        await api.put('/monitors/{id}', { ...inputOf({ ...monitor, version }), enabled }, { path: { id }, version })
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['monitor'] }),
  })
}

export function useDeleteMonitor() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (monitor: MonitorRow) =>
      api.delete('/monitors/{id}', { path: { id: monitor.id }, version: monitor.version }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['monitor'] }),
  })
}
