import type { KpiIndicator } from '@/api/types'

/** What may be measured, as the server names it. */
export const MEASURES = [
  'attainment',
  'first_line',
  'availability',
  'satisfaction',
  'report_on_time',
  'reopened',
  'target',
  'manual',
] as const

/** An indicator as it is typed: a promise is `target:respond`, a share stands in percent. */
export interface Line {
  id?: string
  measure: string
  name: string
  unit: string
  direction: KpiIndicator['direction']
  goal: number | undefined
  owner_id: string | null
}

/** Percent without what the multiplication adds: 0.57 × 100 is 57. */
const exact = (value: number) => Number(value.toFixed(8))

export const fromPlan = (indicators: KpiIndicator[]): Line[] =>
  indicators.map((each) => ({
    id: each.id,
    measure: each.measure === 'target' ? `target:${each.target}` : each.measure,
    name: each.name ?? '',
    unit: each.unit ?? '',
    direction: each.direction,
    goal: each.measure === 'manual' ? each.goal : exact(each.goal * 100),
    owner_id: each.owner_id ?? null,
  }))

export const toPlan = (lines: Line[]): Partial<KpiIndicator>[] =>
  lines.map((line) => {
    const [measure, target] = line.measure.split(':') as [KpiIndicator['measure'], string | undefined]
    const manual = measure === 'manual'
    const goal = line.goal ?? 0
    return {
      ...(line.id ? { id: line.id } : {}),
      measure,
      target: target ?? null,
      name: manual ? line.name : '',
      unit: manual ? line.unit : '',
      direction: line.direction,
      goal: manual ? goal : exact(goal / 100),
      owner_id: line.owner_id ?? null,
    }
  })
