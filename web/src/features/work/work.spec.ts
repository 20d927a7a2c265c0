import { describe, expect, it } from 'vitest'
import type { TicketRow, Work } from '@/api/types'
import { pilesOf } from './useWork'

const row = (id: string) => ({ id }) as TicketRow

describe('what waits for me', () => {
  it('shows a ticket once, in the most urgent pile', () => {
    const work: Work = { breaching: [row('a')], waiting_ack: [row('a'), row('b')], assigned: [row('b'), row('c')], to_confirm: [], counts: {} }
    expect(pilesOf(work).map(({ pile, rows }) => [pile, rows.map((r) => r.id).join()])).toEqual([['breaching', 'a'], ['waiting_ack', 'b'], ['assigned', 'c']])
  })
})
