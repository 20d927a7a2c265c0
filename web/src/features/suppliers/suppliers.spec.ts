import { describe, expect, it } from 'vitest'
import type { SupplierContract } from '@/api/types'
import { standingOf, tellingOf } from './useSuppliers'

const contract = (number: string, running: boolean, ends_soon: boolean, days_left: number) =>
  ({ number, running, ends_soon, days_left }) as SupplierContract

describe('contracts', () => {
  it('stand in their term', () => {
    expect(standingOf(contract('1', true, true, 7))).toBe('ends_soon')
    expect(standingOf(contract('1', true, false, 200))).toBe('running')
    expect(standingOf(contract('1', false, false, 400))).toBe('coming')
    expect(standingOf(contract('1', false, false, -1))).toBe('over')
  })
  it('are told of by the one that needs somebody first', () => {
    const all = [
      contract('old', false, false, -300),
      contract('next', false, false, 500),
      contract('now', true, false, 90),
      contract('soon', true, true, 5),
    ]
    expect(tellingOf(all)?.number).toBe('soon')
    expect(tellingOf(all.slice(0, 3))?.number).toBe('now')
    expect(tellingOf(all.slice(0, 1))?.number).toBe('old')
    expect(tellingOf([])).toBeUndefined()
  })
})
