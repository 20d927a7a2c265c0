import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api } from '@/api/client'
import type { Page, Report, ReportVerdict, TicketRow } from '@/api/types'

export function useReport(id: Ref<string>) {
  return useQuery({
    queryKey: ['report', 'one', id],
    queryFn: ({ signal }) => api.get<Report>('/reports/{id}', { path: { id: id.value }, signal }),
  })
}

export function useReportWork(id: Ref<string>) {
  const client = useQueryClient()
  const take = (report: Report | undefined) => {
    if (report?.sections) client.setQueryData(['report', 'one', id.value], report)
    void client.invalidateQueries({ queryKey: ['report'] })
  }
  const path = () => ({ id: id.value })
  const write = useMutation({
    mutationFn: ({ key, text, version }: { key: string; text: string; version: number }) =>
      api.put<Report>('/reports/{id}', { sections: [{ key, text }] }, { path: path(), version }),
    onSuccess: take,
  })
  const recompute = useMutation({
    mutationFn: (version: number) => api.post<Report>('/reports/{id}/recompute', undefined, { path: path(), version }),
    onSuccess: take,
  })
  const approve = useMutation({
    mutationFn: (version: number) => api.post<Report>('/reports/{id}/approve', undefined, { path: path(), version }),
    onSuccess: take,
  })
  const verify = useMutation({ mutationFn: () => api.get<ReportVerdict>('/reports/{id}/verify', { path: path() }) })
  return { write, recompute, approve, verify }
}

/** The rows a figure was counted from: what makes it checkable. */
export function useFigureRows(id: Ref<string>, key: Ref<string | null>) {
  return useQuery({
    queryKey: ['report', 'rows', id, key],
    queryFn: () =>
      api.get<Page<TicketRow>>('/reports/{id}/figures/{key}/rows', {
        path: { id: id.value, key: key.value! },
        query: { limit: 200 },
      }),
    enabled: computed(() => !!key.value),
  })
}

/** `2026-10`, the month a new report is most likely about: the last whole one. */
export function lastMonth(today: string): string {
  const [year, month] = today.split('-').map(Number) as [number, number]
  return month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, '0')}`
}
