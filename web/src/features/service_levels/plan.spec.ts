import { describe, expect, it } from 'vitest'
import type { KpiIndicator } from '@/api/types'
import { fromPlan, toPlan } from './plan'

const indicator = (more: Partial<KpiIndicator>): KpiIndicator =>
  ({ id: 'a', measure: 'first_line', goal: 0.57, direction: 'at_least', ...more }) as KpiIndicator

describe('the plan of indicators', () => {
  it('shows shares in percent and keeps them as shares', () => {
    const [line] = fromPlan([indicator({})])
    // 0.57 * 100 is 56.99999999999999.
    expect(line!.goal).toBe(57)
    expect(toPlan([line!])[0]).toMatchObject({ measure: 'first_line', target: null, goal: 0.57 })
    expect(toPlan([{ ...line!, goal: 99.99 }])[0]!.goal).toBe(0.9999)
  })
  it('keeps the goal and the words of what is entered by hand', () => {
    const line = fromPlan([indicator({ measure: 'manual', name: '热线接通率', unit: '%', goal: 90 })])[0]!
    expect(line.goal).toBe(90)
    expect(toPlan([line])[0]).toMatchObject({ name: '热线接通率', unit: '%', goal: 90 })
  })
  it('names the promise an indicator is about', () => {
    const line = fromPlan([indicator({ measure: 'target', target: 'respond' })])[0]!
    expect(line.measure).toBe('target:respond')
    expect(toPlan([line])[0]).toMatchObject({ measure: 'target', target: 'respond' })
  })
})
