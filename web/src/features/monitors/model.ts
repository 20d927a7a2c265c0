import type { MonitorDetail, MonitorKind } from '@/api/types'
import { copyOf } from '@/ui/copy'
import { withoutBlanks } from '@/ui/setting'

/** Which samples are bad, at which level, and how many make a problem. */
export type When =
  | { kind: 'down'; only?: string[]; except?: string[] }
  | { kind: 'above' | 'below'; metric: string; value: number; recover?: number }
export interface Condition {
  level: 'warning' | 'critical'
  when: When
  bad: number
  of?: number
  outage?: boolean
}
export interface Rule {
  conditions: Condition[]
  recover_after: number
  retry_seconds: number
  no_data_after: number
  flapping: { high: number; low: number } | null
}

export interface MonitorInput {
  name: string
  kind: MonitorKind
  project_id: string | null
  config: Record<string, unknown>
  interval_seconds: number
  timeout_seconds: number
  rule: Rule
  group: string
  order: number
  system: string
  parent_id: string | null
  enabled: boolean
  reference: boolean
  counts_for_availability: boolean
}

export const KINDS: MonitorKind[] = ['http', 'tcp', 'icmp', 'dns']
export const METRICS: Record<MonitorKind, string[]> = {
  http: ['response_ms', 'first_byte_ms', 'dns_ms', 'connect_ms', 'tls_ms', 'cert_days'],
  tcp: ['response_ms', 'connect_ms', 'cert_days'],
  icmp: ['response_ms', 'loss'],
  dns: ['response_ms'],
}
export const UNITS: Record<string, string> = { loss: '%', cert_days: 'd' }
/** Which way of a metric is bad. */
export const directionOf = (metric: string): 'above' | 'below' => (metric === 'cert_days' ? 'below' : 'above')

export function usualRule(kind: MonitorKind): Rule {
  const slow: Condition = {
    level: 'warning',
    when: { kind: 'above', metric: 'response_ms', value: kind === 'icmp' ? 200 : 3000 },
    bad: 3,
  }
  const certificate: Condition = { level: 'warning', when: { kind: 'below', metric: 'cert_days', value: 14 }, bad: 1 }
  return {
    conditions: [
      { level: 'critical', when: { kind: 'down' }, bad: 3 },
      slow,
      ...(kind === 'http' ? [certificate] : []),
    ],
    recover_after: 2,
    retry_seconds: 10,
    no_data_after: 3,
    flapping: { high: 30, low: 25 },
  }
}

export function usualConfig(kind: MonitorKind): Record<string, unknown> {
  if (kind === 'http')
    return {
      url: 'https://',
      method: 'GET',
      expect_status: ['200-399'],
      contains: [],
      not_contains: [],
      redirect: { mode: 'follow', max: 5 },
      body_limit_bytes: 1048576,
    }
  if (kind === 'tcp') return { host: '', port: 443 }
  return kind === 'icmp' ? { host: '', packets: 3 } : { name: '', record: 'A', resolver: [], expect: [], mode: 'all' }
}

export function blankMonitor(projectId: string | null): MonitorInput {
  return {
    name: '',
    kind: 'http',
    project_id: projectId,
    config: usualConfig('http'),
    interval_seconds: 60,
    timeout_seconds: 10,
    rule: usualRule('http'),
    group: '',
    order: 0,
    system: '',
    parent_id: null,
    enabled: true,
    reference: false,
    counts_for_availability: true,
  }
}

/** What only shows whether a host or a name answers is not the site itself. */
export const countsAtFirst = (kind: MonitorKind): boolean => kind === 'http' || kind === 'tcp'

export function inputOf(monitor: MonitorDetail): MonitorInput {
  const { name, kind, config, interval_seconds, timeout_seconds, group, order, system, parent_id, enabled, reference } =
    monitor
  const { counts_for_availability } = monitor
  return {
    name,
    kind,
    project_id: monitor.project?.id ?? null,
    config: copyOf(config),
    interval_seconds,
    timeout_seconds,
    rule: copyOf(monitor.rule) as unknown as Rule,
    group,
    order,
    system,
    parent_id: parent_id ?? null,
    enabled,
    reference,
    counts_for_availability,
  }
}

/** An empty text is not an answer: it is left out, so the server takes its own usual value. */
export function tidy(input: MonitorInput): MonitorInput {
  const parts = Object.entries(input.config).map(([key, part]) => [
    key,
    ['redirect', 'tls', 'basic_auth'].includes(key) && part ? withoutBlanks(part as Record<string, unknown>) : part,
  ])
  const said = Object.entries(withoutBlanks(Object.fromEntries(parts) as Record<string, unknown>))
  const config = Object.fromEntries(said.filter(([key, part]) => !saysNothing(key, part)))
  const conditions = input.rule.conditions.map(
    (condition) => withoutBlanks({ ...condition, when: withoutBlanks({ ...condition.when }) }) as unknown as Condition,
  )
  return {
    ...input,
    name: input.name.trim(),
    config,
    rule: { ...input.rule, conditions },
    group: input.group.trim(),
    system: input.system.trim(),
  }
}
function saysNothing(key: string, part: unknown): boolean {
  if (Array.isArray(part)) return part.length === 0
  return key === 'basic_auth' && Object.keys(part as object).length === 0
}

export const SPANS: { key: string; hours: number }[] = [
  { key: '1h', hours: 1 },
  { key: '6h', hours: 6 },
  { key: '24h', hours: 24 },
  { key: '7d', hours: 168 },
  { key: '30d', hours: 720 },
  { key: '365d', hours: 8760 },
]

/** `99.861%`: as many places as the promise of 99.99 % needs, and never rounded up to 100. */
export function formatRatio(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined) return '—'
  if (ratio >= 1) return '100%'
  return `${(Math.floor(ratio * 100_000) / 1000).toFixed(3)}%`
}

/** `99.99%` from millionths: as many places as the promise has, at least two. */
export function formatPromise(millionths: number): string {
  const percent = millionths / 10_000
  return `${percent.toFixed(millionths % 100 === 0 ? 2 : millionths % 10 === 0 ? 3 : 4)}%`
}

/** Whether a figure keeps a promise, compared without rounding; nothing that counts breaks nothing. */
export const keeps = (one: { counted_seconds: number; down_seconds: number }, millionths: number): boolean =>
  (one.counted_seconds - one.down_seconds) * 1_000_000 >= one.counted_seconds * millionths

/** How far a budget of downtime is used up, and how that looks. */
export function budgetTone(used: number, allowed: number): 'green' | 'amber' | 'red' {
  return used > allowed ? 'red' : used >= allowed * 0.8 ? 'amber' : 'green'
}

export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '—'
  if (ms === 0) return '0'
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms >= 100 ? Math.round(ms) : ms.toFixed(ms >= 10 ? 0 : 1)} ms`
}
