import { describe, expect, it } from 'vitest'
import { lastMonth } from './useReports'

describe('a new report', () => {
  it.each([
    ['2026-11-22', '2026-10'],
    ['2027-01-03', '2026-12'],
  ])('made on %s is about %s', (today, month) => expect(lastMonth(today)).toBe(month))
})
