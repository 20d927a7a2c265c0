// `状态:处理中 级别:一级 超时` → what the server understands. What is not understood is searched for as words.

export interface FacetOption {
  value: string
  label: string
}
export interface Facet {
  key: string
  /** First is shown; the others are also understood (the field's words in both languages). */
  labels: string[]
  kind: 'choice' | 'flag' | 'text'
  options?: FacetOption[]
  /** Several values at once, joined by a comma. */
  many?: boolean
}

export interface Parsed {
  values: Record<string, string>
  unknown: string[]
}

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase()

export function tokensOf(text: string): string[] {
  const found = text.match(/[^\s:：]+[:：]"[^"]*"|"[^"]*"|\S+/g)
  return found ?? []
}

const bare = (word: string) => word.replace(/^"(.*)"$/s, '$1')

function optionOf(facet: Facet, word: string): FacetOption | undefined {
  return (
    facet.options?.find((o) => same(o.label, word) || same(o.value, word)) ??
    facet.options?.find((o) => o.label.toLowerCase().startsWith(word.toLowerCase()))
  )
}

export function parseFilterText(text: string, facets: Facet[]): Parsed {
  const values: Record<string, string> = {}
  const unknown: string[] = []
  const words: string[] = []
  for (const token of tokensOf(text)) {
    const cut = /^([^:：]+)[:：](.+)$/s.exec(token)
    const facet = facets.find((f) => f.labels.some((l) => same(l, cut ? cut[1]! : token)))
    if (!facet || (!cut && facet.kind !== 'flag')) {
      words.push(bare(token))
      continue
    }
    if (facet.kind === 'flag') {
      values[facet.key] = 'true'
      continue
    }
    const given = bare(cut![2]!)
    if (facet.kind === 'text') {
      values[facet.key] = given
      continue
    }
    const chosen = given
      .split(/[,，]/)
      .filter(Boolean)
      .map((word) => ({ word, option: optionOf(facet, word) }))
    for (const { word, option } of chosen) {
      if (!option) unknown.push(`${facet.labels[0]}:${word}`)
      else if (facet.many && values[facet.key]) values[facet.key] += `,${option.value}`
      else values[facet.key] = option.value
    }
  }
  if (words.length > 0) values.q = words.join(' ')
  return { values, unknown }
}

/** Words for one chosen facet, for the small labels under the bar. */
export function labelOf(facet: Facet, value: string): string {
  if (facet.kind === 'flag') return facet.labels[0]!
  const words = value.split(',').map((v) => facet.options?.find((o) => o.value === v)?.label ?? v)
  return `${facet.labels[0]}: ${words.join('、')}`
}

/** What could follow the last word: names of facets, then their values. */
export function suggest(text: string, facets: Facet[]): { text: string; label: string }[] {
  const open = /\s$/.test(text) || text === ''
  const last = open ? '' : (tokensOf(text).at(-1) ?? '')
  const head = text.slice(0, text.length - last.length)
  const cut = /^([^:：]+)[:：](.*)$/s.exec(last)
  if (cut) {
    const facet = facets.find((f) => f.kind === 'choice' && f.labels.some((l) => same(l, cut[1]!)))
    return (facet?.options ?? [])
      .filter((o) => o.label.toLowerCase().includes(cut[2]!.toLowerCase()))
      .slice(0, 12)
      .map((o) => ({
        text: `${head}${cut[1]}:${/\s/.test(o.label) ? `"${o.label}"` : o.label} `,
        label: `${cut[1]}:${o.label}`,
      }))
  }
  return facets
    .filter((f) => f.labels.some((l) => l.toLowerCase().startsWith(last.toLowerCase())))
    .slice(0, 10)
    .map((f) => ({
      text: `${head}${f.labels[0]}${f.kind === 'flag' ? ' ' : ':'}`,
      label: f.kind === 'flag' ? f.labels[0]! : `${f.labels[0]}:…`,
    }))
}
