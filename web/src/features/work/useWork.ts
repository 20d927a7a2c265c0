import { useQuery } from '@tanstack/vue-query'
import { api } from '@/api/client'
import type { TicketRow, Work } from '@/api/types'

export function useWork() {
  return useQuery({ queryKey: ['ticket', 'work'], queryFn: () => api.get<Work>('/work'), refetchInterval: 60_000 })
}

export type Pile = 'breaching' | 'waiting_ack' | 'to_confirm' | 'assigned'
export const PILES: Pile[] = ['breaching', 'waiting_ack', 'assigned', 'to_confirm']

/** A ticket is shown once, in the most urgent pile it is in. */
export function pilesOf(work: Work): { pile: Pile; rows: TicketRow[] }[] {
  const seen = new Set<string>()
  return PILES.map((pile) => {
    const rows = (work[pile] ?? []).filter((row) => !seen.has(row.id))
    rows.forEach((row) => seen.add(row.id))
    return { pile, rows }
  }).filter((each) => each.rows.length > 0)
}
