import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api } from '@/api/client'
import type { Kpi, KpiIndicator, KpiMonth, Sla, SlaVersion } from '@/api/types'

export function useSla(id: Ref<string>) {
  return useQuery({
    queryKey: ['sla', 'all', id],
    queryFn: () => api.get<Sla>('/projects/{id}/sla', { path: { id: id.value } }),
  })
}

export function useSlaVersion(id: Ref<string>, number: Ref<number | undefined>) {
  return useQuery({
    queryKey: ['sla', 'version', id, number],
    queryFn: () =>
      api.get<SlaVersion>('/projects/{id}/sla/versions/{number}', { path: { id: id.value, number: number.value! } }),
    enabled: computed(() => number.value !== undefined),
  })
}

export interface StepBody {
  step: string
  note?: string
  on?: string | null
  signatures?: unknown
}

export function useSlaWork(id: Ref<string>) {
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: ['sla'] })
  const begin = async (reason: string) => {
    const made = await api.post<SlaVersion>('/projects/{id}/sla/versions', { reason }, { path: { id: id.value } })
    await refresh()
    return made
  }
  const write = async (read: SlaVersion, texts: object) => {
    const path = { id: id.value, number: read.number }
    const written = await api.put<SlaVersion>('/projects/{id}/sla/versions/{number}', texts, {
      path,
      version: read.version,
    })
    client.setQueryData(['sla', 'version', id.value, read.number], written)
    await refresh()
  }
  const step = async (read: SlaVersion, body: StepBody) => {
    const path = { id: id.value, number: read.number }
    await api.post('/projects/{id}/sla/versions/{number}/steps', body, { path, version: read.version })
    await refresh()
  }
  const verify = (number: number) =>
    api.get<{ ok: boolean }>('/projects/{id}/sla/versions/{number}/verify', { path: { id: id.value, number } })
  return { begin, write, step, verify }
}

export function useKpi(id: Ref<string>) {
  return useQuery({
    queryKey: ['kpi', id],
    queryFn: () => api.get<Kpi>('/projects/{id}/kpi', { path: { id: id.value } }),
  })
}

export function useKpiWork(id: Ref<string>) {
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: ['kpi'] })
  const plan = async (version: number, indicators: Partial<KpiIndicator>[]) => {
    await api.put('/projects/{id}/kpi/plan', { indicators }, { path: { id: id.value }, version })
    await refresh()
  }
  const measure = async (month: string) => {
    await api.post<KpiMonth>('/projects/{id}/kpi/months', { month }, { path: { id: id.value } })
    await refresh()
  }
  const write = async (month: KpiMonth, figures: object[]) => {
    const path = { id: id.value, month: month.month }
    const written = await api.put<KpiMonth>(
      '/projects/{id}/kpi/months/{month}',
      { figures },
      { path, version: month.version },
    )
    await refresh()
    return written
  }
  const sign = async (month: KpiMonth, conclusion: string) => {
    const path = { id: id.value, month: month.month }
    await api.post('/projects/{id}/kpi/months/{month}/signature', { conclusion }, { path, version: month.version })
    await refresh()
  }
  return { plan, measure, write, sign }
}
