import { useQuery } from '@tanstack/vue-query'
import { api } from '@/api/client'
import type { TicketRow, Work } from '@/api/types'

export function useWork() {
  return useQuery({
    queryKey: ['ticket', 'work'],
    queryFn: () => api.get<Work>('/work'),
    refetchInterval: 60_000,
  })
}

/** Piles of tickets; tasks are a pile of their own sort. */
export type Pile = Exclude<keyof Work, 'tasks'>
export const PILES: Pile[] = ['breaching', 'waiting_ack', 'assigned', 'unassigned', 'to_confirm']
/** Where the server stops counting. */
const COUNTED = 1000

export const countOf = (work: Work | undefined, pile: keyof Work): number => work?.[pile].count ?? 0
export const countText = (count: number): string => (count < COUNTED ? String(count) : `${COUNTED - 1}+`)

/** A ticket is shown once, in the most urgent pile it is in. */
export function pilesOf(work: Work): { pile: Pile; rows: TicketRow[]; more: boolean }[] {
  const seen = new Set<string>()
  return PILES.map((pile) => {
    const { rows: all, count } = work[pile]
    const rows = all.filter((row) => !seen.has(row.id))
    rows.forEach((row) => seen.add(row.id))
    return { pile, rows, more: count > all.length }
  }).filter((each) => each.rows.length > 0 || each.more)
}

/** The list of incidents with a pile's tickets in it. */
export const LISTS: Record<Pile, Record<string, string>> = {
  breaching: { sort: 'due_at' },
  waiting_ack: { assignee: 'me', state: 'dispatched', sort: 'due_at' },
  assigned: { assignee: 'me', sort: 'due_at' },
  unassigned: { assignee: 'none', sort: 'due_at' },
  to_confirm: { state: 'resolved' },
}
