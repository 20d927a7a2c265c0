import { describe, expect, it } from 'vitest'
import type { Kpi, KpiFigure, KpiMonth } from '@/api/types'
import { formatFigure, formatGoal, latest, monthPlus, table, twelve } from './model'

const figure = (id: string, actual: number | null, more: Partial<KpiFigure> = {}) =>
  ({ id, measure: 'first_line', actual, goal: 0.7, direction: 'at_least', unit: '', name: id, ...more }) as KpiFigure
const month = (key: string, figures: KpiFigure[]) => ({ month: key, state: 'signed', figures }) as KpiMonth

describe('the figures of service levels', () => {
  it('are written as people read them', () => {
    const share = figure('a', null)
    expect(formatFigure(1, share)).toBe('100%')
    expect(formatFigure(0.98333, share)).toBe('98.33%')
    expect(formatFigure(0.99861, { measure: 'availability', unit: '' })).toBe('99.861%')
    expect(formatFigure(null, share)).toBe('—')
    expect(formatFigure(93.5, { measure: 'manual', unit: '分' })).toBe('93.5 分')
    expect(formatGoal(figure('a', 1, { goal: 0.03, direction: 'at_most' }))).toBe('≤ 3%')
  })
  it('never round up to a goal that was missed (R-045)', () => {
    expect(formatFigure(0.99999, figure('a', null))).toBe('99.99%')
    expect(formatFigure(0.999996, { measure: 'availability', unit: '' })).toBe('99.999%')
    // 0.57 * 100 is 56.99999999999999.
    expect(formatFigure(0.57, figure('a', null))).toBe('57%')
  })
  it('stand under their months', () => {
    expect(monthPlus('2026-01', -1)).toBe('2025-12')
    expect(twelve('2026-03')[0]).toBe('2025-04')
    const months = [
      month('2026-10', [figure('old', 0.5), figure('a', 0.6)]),
      month('2026-11', [figure('a', 0.8, { name: '新名' })]),
    ]
    const rows = table(months, ['2026-09', '2026-10', '2026-11'])
    expect(rows.map((row) => row.id)).toEqual(['a', 'old'])
    expect(rows[0]!.figure.name).toBe('新名')
    expect(rows[0]!.cells.map((cell) => cell?.actual)).toEqual([undefined, 0.6, 0.8])
  })
  it('show the last one and its trend', () => {
    const kpi = { months: [month('2026-10', [figure('a', 0.6)]), month('2026-11', [figure('a', null)])] } as Kpi
    expect(latest(kpi, 'first_line')?.month.month).toBe('2026-10')
    expect(latest(kpi, 'first_line')?.before).toBeUndefined()
    expect(latest(undefined, 'first_line')).toBeUndefined()
  })
})
