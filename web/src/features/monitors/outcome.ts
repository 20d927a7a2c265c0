// What the prober found, as values; the words are ours so that a page speaks the reader's language.
import type { ProbePhase } from '@/api/types'
import { t, te } from '@/app/i18n'
import { formatMs } from './model'

export interface LogLine {
  at_us: number
  step: string
  [more: string]: unknown
}
export interface Outcome {
  started_at?: string
  class?: 'up' | 'down' | 'unknown'
  phases?: Partial<Record<'dns_us' | 'connect_us' | 'tls_us' | 'first_byte_us' | 'transfer_us' | 'total_us', number>>
  address?: string
  status?: number
  final_url?: string
  tls?: { version: string; cipher: string; subject: string; issuer: string; days_left: number }
  ping?: { sent: number; received: number; min_us: number | null; avg_us: number | null; max_us: number | null }
  answers?: string[]
  log?: LogLine[]
}

const PHASES = ['dns', 'connect', 'tls', 'first_byte', 'transfer'] as const

export function phasesOf(outcome: Outcome): ProbePhase[] {
  return PHASES.flatMap((name) => {
    const us = outcome.phases?.[`${name}_us`]
    return us === undefined || us === null ? [] : [{ name, ms: us / 1000 }]
  })
}
export function totalMs(outcome: Outcome): number | null {
  const us = outcome.phases?.total_us
  return us === undefined ? null : us / 1000
}

/** What is worth a line beside the phases. */
export function factsOf(outcome: Outcome): string[] {
  const fact = (key: string, value: unknown) =>
    value === undefined || value === null || value === '' ? [] : [`${t(`monitor.fact.${key}`)} ${String(value)}`]
  return [
    ...fact('status', outcome.status),
    ...fact('address', outcome.address),
    ...fact('final_url', outcome.final_url),
    ...fact('cert_days', outcome.tls?.days_left),
    ...fact('answers', outcome.answers?.join('、')),
    ...fact(
      'loss',
      outcome.ping
        ? `${Math.round(((outcome.ping.sent - outcome.ping.received) / Math.max(1, outcome.ping.sent)) * 100)}%`
        : undefined,
    ),
  ]
}

const words = (value: unknown): string =>
  Array.isArray(value)
    ? value.join(', ')
    : value === null || value === undefined
      ? ''
      : typeof value === 'boolean'
        ? t(value ? 'form.yes' : 'form.no')
        : String(value)

/** One step of the probe: when, and what was done or seen. A step this page does not know shows its values. */
export function logText(line: LogLine): string {
  const { at_us, step, ...rest } = line
  const values: Record<string, string> = Object.fromEntries(
    Object.entries(rest).map(([k, v]) => [k, k === 'rtt_us' ? formatMs(Number(v) / 1000) : words(v)]),
  )
  values.charset ??= '—'
  if (typeof values.problem === 'string')
    values.problem = te(`probe.certificate.${values.problem}`)
      ? t(`probe.certificate.${values.problem}`)
      : values.problem
  const said = te(`probe.log.${step}`) ? t(`probe.log.${step}`, values) : `${step} ${Object.values(values).join(' ')}`
  return `${(at_us / 1000).toFixed(1).padStart(8)} ms  ${said}`
}

export interface EventDetail {
  event?: string
  reason?: { kind: string; [more: string]: unknown }
  because?: string[]
  level?: string
  percent?: number
}

const metric = (name: unknown) => (te(`monitor.metric.${name}`) ? t(`monitor.metric.${name}`) : String(name))
const figure = (name: unknown, value: unknown) =>
  String(name).endsWith('_ms')
    ? formatMs(Number(value))
    : `${Math.round(Number(value) * 100) / 100}${name === 'loss' ? '%' : ''}`

export function eventName(kind: string, detail: EventDetail): string {
  const level = detail.level ? t(`alert.level.${detail.level}`) : ''
  return te(`probe.event.${kind}`) ? t(`probe.event.${kind}`, { level, percent: detail.percent ?? '' }) : kind
}
export function eventReason(detail: EventDetail): string {
  const reason = detail.reason
  if (!reason) return ''
  if (reason.kind === 'down') return codeText(String(reason.code))
  if (reason.kind === 'above' || reason.kind === 'below')
    return t(`probe.reason.${reason.kind}`, {
      metric: metric(reason.metric),
      value: figure(reason.metric, reason.value),
      limit: figure(reason.metric, reason.limit),
    })
  if (reason.kind === 'suppressed')
    return (detail.because ?? []).map((hold) => (te(`probe.hold.${hold}`) ? t(`probe.hold.${hold}`) : hold)).join('、')
  return te(`probe.reason.${reason.kind}`)
    ? t(`probe.reason.${reason.kind}`, { samples: words(reason.samples) })
    : reason.kind
}
export const codeText = (code: string) => (te(`probe.code.${code}`) ? t(`probe.code.${code}`) : code)

/** Of what kind an event is, for its mark. */
export function eventTone(kind: string, detail: EventDetail): 'red' | 'blue' | 'green' | 'amber' | 'violet' | 'grey' {
  if (['opened', 'upgraded', 'downgraded'].includes(kind)) return detail.level === 'critical' ? 'red' : 'blue'
  if (['recovered', 'cleared', 'outage_ended', 'data_returned', 'unreachable_left', 'recovering'].includes(kind))
    return 'green'
  if (kind === 'outage_began') return 'red'
  if (kind.startsWith('maintenance')) return 'violet'
  return ['suspected', 'relapsed', 'flapping_started', 'flapping_stopped'].includes(kind) ? 'amber' : 'grey'
}

type Point = [number, number | null, number | null, number | null]
/** Points without samples are left out by the server: where one is missing, the line is broken. */
export function withGaps(points: number[][], stepSeconds: number): Point[] {
  const found: Point[] = []
  const widest = stepSeconds * 1000 * 1.6
  for (const point of points) {
    const [at = 0, mean = null, low = null, high = null] = point as [number?, number?, number?, number?]
    const last = found.at(-1)
    if (last && at - last[0] > widest) found.push([last[0] + stepSeconds * 1000, null, null, null])
    found.push([at, mean, low, high])
  }
  return found
}
