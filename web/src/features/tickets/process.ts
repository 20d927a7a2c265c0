import type { AgreementOption, FieldDef, LevelOption, ProcessDetail, StateDef } from '@/api/types'
import { i18n } from '@/app/i18n'

interface Words {
  zh: string
  en: string
}
interface RawOption extends Words {
  key: string | number
}
interface RawField {
  key: string
  name: Words
  kind: string
  options?: RawOption[]
  help?: Words
  max?: number
  intake?: string
  when?: string
  default?: unknown
}
interface RawProcess {
  key: string
  name: Words
  fields: RawField[]
  states: { key: string; kind: string; name: Words }[]
  actions?: { key: string; name: Words }[]
  matrix?: { rows: string; columns: string; result: string; values: number[][] } | null
  create?: { hint?: Words | null }
}

/** The definition a manager writes, in the language on screen. */
export interface ProcessDef {
  key: string
  name: string
  states: StateDef[]
  fields: FieldDef[]
  /** The levels of all agreements in force, each once. */
  levels: LevelOption[]
  /** Those of the agreement that is for a type of ticket. */
  levelsFor: (type: unknown) => LevelOption[]
  createHint: string
  /** Key of an action → what its button says. */
  actions: Record<string, string>
  /** Priority from impact and urgency, as the definition's matrix says; null when it has none. */
  priority: (impact: unknown, urgency: unknown) => number | null
}

export function readProcess(detail: ProcessDetail): ProcessDef {
  const raw = detail.definition as RawProcess
  const pick = (words: Words | null | undefined) =>
    words ? (i18n.global.locale.value === 'en' ? words.en : words.zh) : ''
  const option = (each: RawOption, numeric: boolean) => ({
    value: numeric ? Number(each.key) : each.key,
    label: pick(each),
  })
  const field = (each: RawField): FieldDef => ({
    key: each.key,
    label: pick(each.name),
    kind: each.kind,
    hint: pick(each.help) || undefined,
    max: each.max,
    intake: each.intake,
    when: each.when,
    usual: each.default,
    options: each.options?.map((o) => option(o, each.kind === 'scale')),
  })
  return {
    key: raw.key,
    name: pick(raw.name),
    states: raw.states.map((s) => ({ key: s.key, kind: s.kind, name: pick(s.name) })),
    fields: raw.fields.map(field),
    levels: [...new Map(detail.agreements.flatMap((a) => a.levels).map((l) => [l.key, l])).values()],
    levelsFor: (type) => agreementFor(detail.agreements, type)?.levels ?? [],
    actions: Object.fromEntries((raw.actions ?? []).map((a) => [a.key, pick(a.name)])),
    createHint: pick(raw.create?.hint),
    priority: (impact, urgency) => raw.matrix?.values[Number(impact) - 1]?.[Number(urgency) - 1] ?? null,
  }
}

/** The agreement for this type of ticket, or the one for all others. */
function agreementFor(agreements: AgreementOption[], type: unknown): AgreementOption | undefined {
  return agreements.find((a) => a.types.includes(String(type))) ?? agreements.find((a) => a.types.length === 0)
}

/** What of a ticket decides about its level. */
export interface Subject {
  type?: unknown
  category?: unknown
  priority?: unknown
}

/** The level the server would propose: category says more than type, type more than a priority alone. */
export function proposedLevel(levels: LevelOption[], ticket: Subject): string | null {
  const fits = (wanted: string[], is: unknown) => wanted.length === 0 || wanted.includes(String(is))
  const closeness = (level: LevelOption) => {
    const { priorities, kinds } = level
    if (priorities.length > 0 && !priorities.includes(Number(ticket.priority))) return -1
    if (kinds.length === 0) return priorities.length > 0 ? 0 : -1
    return Math.max(
      ...kinds.map((kind) =>
        fits(kind.types, ticket.type) && fits(kind.categories, ticket.category)
          ? (kind.types.length ? 1 : 0) + (kind.categories.length ? 2 : 0)
          : -1,
      ),
    )
  }
  let best: LevelOption | null = null
  for (const level of levels) if (closeness(level) > (best ? closeness(best) : -1)) best = level
  return best?.key ?? null
}
