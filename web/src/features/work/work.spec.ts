import { describe, expect, it } from 'vitest'
import type { TicketRow, Work } from '@/api/types'
import { pilesOf, withAcknowledgement } from './useWork'

const row = (id: string) => ({ id }) as TicketRow

describe('what waits for me', () => {
  it('shows a ticket once, in the most urgent pile', () => {
    const work: Work = {
      breaching: [row('a')],
      waiting_ack: [row('a'), row('b')],
      assigned: [row('b'), row('c')],
      unassigned: [],
      to_confirm: [],
    }
    expect(pilesOf(work).map(({ pile, rows }) => [pile, rows.map((r) => r.id).join()])).toEqual([
      ['breaching', 'a'],
      ['waiting_ack', 'b'],
      ['assigned', 'c'],
    ])
  })
  it('tells what must be acknowledged from what is being worked on', () => {
    const dispatched = { id: 'd', state: { key: 'dispatched' } } as TicketRow
    const handling = { id: 'h', state: { key: 'handling' } } as TicketRow
    const work = withAcknowledgement({
      breaching: [],
      assigned: [dispatched, handling],
      unassigned: [],
      to_confirm: [],
    })
    expect([work.waiting_ack, work.assigned]).toEqual([[dispatched], [handling]])
  })
})
