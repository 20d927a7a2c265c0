import { useQuery } from '@tanstack/vue-query'
import { api } from '@/api/client'
import type { TicketRow, Work } from '@/api/types'

export function useWork() {
  return useQuery({
    queryKey: ['ticket', 'work'],
    queryFn: async () => withAcknowledgement(await api.get<Work>('/work')),
    refetchInterval: 60_000,
  })
}

export type Pile = 'breaching' | 'waiting_ack' | 'assigned' | 'unassigned' | 'to_confirm'
export const PILES: Pile[] = ['breaching', 'waiting_ack', 'assigned', 'unassigned', 'to_confirm']

/** A ticket is waiting to be acknowledged while the only way on is to take it. */
export function withAcknowledgement(work: Work): Work {
  if (work.waiting_ack) return work
  const waits = (row: TicketRow) => row.state.key === 'dispatched'
  return { ...work, waiting_ack: work.assigned.filter(waits), assigned: work.assigned.filter((row) => !waits(row)) }
}

/** A ticket is shown once, in the most urgent pile it is in. */
export function pilesOf(work: Work): { pile: Pile; rows: TicketRow[] }[] {
  const seen = new Set<string>()
  return PILES.map((pile) => {
    const rows = (work[pile] ?? []).filter((row) => !seen.has(row.id))
    rows.forEach((row) => seen.add(row.id))
    return { pile, rows }
  }).filter((each) => each.rows.length > 0)
}
