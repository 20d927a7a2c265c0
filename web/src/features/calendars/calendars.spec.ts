import { describe, expect, it } from 'vitest'
import type { CalendarDay } from '@/api/types'
import { monthsOf } from './useCalendars'

const days = (from: string, count: number): CalendarDay[] =>
  Array.from({ length: count }, (_, i) => ({
    date: new Date(Date.parse(`${from}T00:00:00Z`) + i * 86_400_000).toISOString().slice(0, 10),
    kind: 'work',
    hours: [],
  }))

describe('a month on the wall', () => {
  it('begins its weeks on Monday', () => {
    // 1 October 2026 is a Thursday.
    const [october] = monthsOf(days('2026-10-01', 31))
    expect(october!.weeks[0]!.map((d) => d?.date.slice(8) ?? '')).toEqual(['', '', '', '01', '02', '03', '04'])
    expect(october!.weeks).toHaveLength(5)
    expect(october!.weeks.at(-1)!.at(-1)).toBeNull()
  })
  it('has twelve of them in a year', () =>
    expect(monthsOf(days('2026-01-01', 365)).map((m) => m.month)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]))
})
