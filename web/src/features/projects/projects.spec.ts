import { describe, expect, it } from 'vitest'
import type { ProjectAgreement, ProjectHours } from '@/api/types'
import { hoursOn, inForce } from './useProjects'

describe('what is in force', () => {
  const agreement = (from: string, to: string | null) =>
    ({ agreement: 'A', types: [], effective_from: from, effective_to: to }) as unknown as ProjectAgreement
  it('is every agreement that has begun and not ended', () => {
    const day = '2026-07-01'
    expect(inForce(agreement('2026-01-01', null), day)).toBe(true)
    expect(inForce(agreement('2026-01-01', day), day)).toBe(true)
    expect(inForce(agreement('2026-01-01', '2026-06-30'), day)).toBe(false)
    expect(inForce(agreement('2026-07-02', null), day)).toBe(false)
  })
  it('is of the office hours the last that have begun', () => {
    const hours = (calendar: string, from: string | null): ProjectHours => ({
      id: null,
      calendar,
      name: calendar,
      effective_from: from,
    })
    const list = [hours('a', null), hours('b', '2026-06-01'), hours('c', '2026-12-01')]
    expect(hoursOn(list, '2026-05-31')?.calendar).toBe('a')
    expect(hoursOn(list, '2026-06-01')?.calendar).toBe('b')
    expect(hoursOn(list, '2027-01-01')?.calendar).toBe('c')
  })
})
