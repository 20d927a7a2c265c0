import type { Kpi, KpiFigure, KpiMonth } from '@/api/types'

/** How an indicator's figure is written: shares in percent, what was entered by hand in its own unit. */
export function formatFigure(value: number | null | undefined, figure: Pick<KpiFigure, 'measure' | 'unit'>): string {
  if (value === null || value === undefined) return '—'
  if (figure.measure === 'manual') return [trim(value, 4), figure.unit].filter(Boolean).join(' ')
  return `${trim(value * 100, figure.measure === 'availability' ? 3 : 2)}%`
}

/** Without zeros that say nothing; what is below the goal never reads as the goal itself. */
function trim(value: number, places: number): string {
  const cut = Math.floor(Number((value * 10 ** places).toFixed(6))) / 10 ** places
  return String(Number(cut.toFixed(places)))
}

export const sign = (direction: string) => (direction === 'at_most' ? '≤' : '≥')

export function formatGoal(figure: Pick<KpiFigure, 'measure' | 'unit' | 'goal' | 'direction'>): string {
  return `${sign(figure.direction)} ${formatFigure(figure.goal, figure)}`
}

/** `2026-11` and `-1` → `2026-10`. */
export function monthPlus(month: string, n: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  const all = year * 12 + number - 1 + n
  return `${Math.floor(all / 12)}-${String((all % 12) + 1).padStart(2, '0')}`
}

/** Twelve months, the last one last. */
export const twelve = (last: string): string[] => Array.from({ length: 12 }, (_, n) => monthPlus(last, n - 11))

export interface Row {
  id: string
  figure: KpiFigure
  cells: (KpiFigure | undefined)[]
}

/** Indicators down, months across. The latest month says what an indicator is called and held to. */
export function table(months: KpiMonth[], columns: string[]): Row[] {
  const of = new Map(months.map((month) => [month.month, month]))
  const latest = new Map<string, KpiFigure>()
  for (const month of [...months].reverse())
    for (const figure of month.figures) if (!latest.has(figure.id)) latest.set(figure.id, figure)
  return [...latest.values()].map((figure) => ({
    id: figure.id,
    figure,
    cells: columns.map((column) => of.get(column)?.figures.find((each) => each.id === figure.id)),
  }))
}

/** What the project's page shows of an indicator: the last figure, and the one before for its trend. */
export function latest(kpi: Kpi | undefined, measure: string) {
  const told = (kpi?.months ?? []).flatMap((month) => {
    const figure = month.figures.find((each) => each.measure === measure)
    return figure && figure.actual !== null && figure.actual !== undefined ? [{ month, figure }] : []
  })
  const last = told.at(-1)
  return last && { ...last, before: told.at(-2) }
}
