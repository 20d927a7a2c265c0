import { describe, expect, it } from 'vitest'
import type { TicketRow, Work } from '@/api/types'
import { countOf, countText, pilesOf } from './useWork'

const pile = (ids: string, count = ids.length) => ({ count, rows: [...ids].map((id) => ({ id }) as TicketRow) })
const work = (more: Partial<Work>): Work => ({
  ...{ breaching: pile(''), waiting_ack: pile(''), assigned: pile(''), unassigned: pile(''), to_confirm: pile('') },
  tasks: { count: 0, rows: [] },
  ...more,
})

describe('what waits for me', () => {
  it('shows a ticket once, in the most urgent pile', () => {
    const all = work({ breaching: pile('a'), waiting_ack: pile('ab'), assigned: pile('bc') })
    expect(pilesOf(all).map(({ pile, rows }) => [pile, rows.map((r) => r.id).join()])).toEqual([
      ['breaching', 'a'],
      ['waiting_ack', 'b'],
      ['assigned', 'c'],
    ])
  })
  it('is counted beyond the rows that are shown', () => {
    const all = work({ breaching: pile('abc', 50), assigned: pile('abc', 3) })
    expect([countOf(all, 'breaching'), countOf(all, 'assigned'), countOf(undefined, 'assigned')]).toEqual([50, 3, 0])
    expect(pilesOf(all).map(({ pile, more }) => [pile, more])).toEqual([['breaching', true]])
    expect([countText(999), countText(1000)]).toEqual(['999', '999+'])
  })
})
