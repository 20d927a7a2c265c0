import { describe, expect, it } from 'vitest'
import type { ReportSection } from '@/api/types'
import { figuresOf, lastMonth } from './useReports'

describe('a new report', () => {
  it.each([['2026-11-22', '2026-10'], ['2027-01-03', '2026-12']])('made on %s is about %s', (today, month) => expect(lastMonth(today)).toBe(month))
})
describe('figures', () => {
  it('come as a list or as a map', () => {
    const section = (figures: unknown) => ({ figures } as ReportSection)
    expect(figuresOf(section([{ key: 'a', label: 'A', value: 1 }]))).toHaveLength(1)
    expect(figuresOf(section({ total: 137, kept: { label: '按时率', value: 97.8 } }))).toEqual([{ key: 'total', label: 'total', value: 137 }, { key: 'kept', label: '按时率', value: 97.8 }])
  })
})
