// Instants are UTC from the server and shown in the place where the promises are kept, not where the browser happens to be.

let zone = 'Asia/Shanghai'
/** Server clock minus browser clock, in ms: a wrong clock on a desk must not show a wrong deadline. */
let skew = 0

export function setZone(value: string): void {
  zone = value
}
export function currentZone(): string {
  return zone
}
export function noteServerDate(header: string | null): void {
  const at = header ? Date.parse(header) : NaN
  // The header has whole seconds; a smaller difference is rounding, not a wrong clock.
  if (!Number.isNaN(at)) skew = Math.abs(at - Date.now()) > 2000 ? at - Date.now() : 0
}
export function serverNow(): number {
  return Date.now() + skew
}

type Parts = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string>
const formats = new Map<string, Intl.DateTimeFormat>()
function partsOf(at: number, timeZone: string): Parts {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(timeZone, format)
  }
  return Object.fromEntries(format.formatToParts(at).map((p) => [p.type, p.value])) as unknown as Parts
}

/** `2026-11-22 14:30`, or with seconds. */
export function formatInstant(instant: string | number | null | undefined, seconds = false): string {
  if (instant === null || instant === undefined) return ''
  const at = typeof instant === 'number' ? instant : Date.parse(instant)
  if (Number.isNaN(at)) return ''
  const p = partsOf(at, zone)
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}${seconds ? `:${p.second}` : ''}`
}

/** Today's times need no date; this year's need no year: what a dense list shows. */
export function formatShort(instant: string | null | undefined, now = serverNow()): string {
  const full = formatInstant(instant)
  if (!full) return ''
  const today = formatInstant(now)
  if (full.slice(0, 10) === today.slice(0, 10)) return full.slice(11)
  return full.slice(0, 4) === today.slice(0, 4) ? full.slice(5) : full.slice(0, 10)
}

export function todayIn(now = serverNow()): string {
  return formatInstant(now).slice(0, 10)
}

/** `2026-11-22 14:30` on the wall in the zone → RFC 3339 UTC. */
export function wallToInstant(wall: string, timeZone = zone): string | null {
  const m = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?$/.exec(wall)
  if (!m) return null
  const [y, mo, d, h, mi, s] = m.slice(1).map((x) => Number(x ?? 0)) as [number, number, number, number, number, number]
  const wanted = Date.UTC(y, mo - 1, d, h, mi, s || 0)
  // Two rounds settle a change of offset between the guess and the answer.
  let guess = wanted
  for (let round = 0; round < 2; round++) {
    const p = partsOf(guess, timeZone)
    const shown = Date.UTC(+p.year, +p.month - 1, +p.day, +p.hour, +p.minute, +p.second)
    guess += wanted - shown
  }
  return new Date(guess).toISOString().replace('.000Z', 'Z')
}

/** The same moment as if the wall clock of the zone were UTC: for charts, which know only UTC and the browser's own zone. */
export function toWall(at: number): number {
  const p = partsOf(at, zone)
  return Date.UTC(+p.year, +p.month - 1, +p.day, +p.hour, +p.minute, +p.second)
}
export function fromWall(wall: number): number {
  const instant = wallToInstant(new Date(wall).toISOString().slice(0, 19))
  return instant ? Date.parse(instant) : wall
}

type Translate = (key: string, values?: Record<string, unknown>) => string

/** Two units at most: `1 小时 20 分`, `3 天 4 小时`, `45 秒`. */
export function formatDuration(seconds: number, t: Translate): string {
  const total = Math.max(0, Math.round(Math.abs(seconds)))
  const d = Math.floor(total / 86400)
  const h = Math.floor((total % 86400) / 3600)
  const m = Math.floor((total % 3600) / 60)
  const s = total % 60
  if (d > 0) return h > 0 && d < 30 ? t('time.dh', { d, h }) : t('time.d', { d })
  if (h > 0) return m > 0 ? t('time.hm', { h, m }) : t('time.h', { h })
  if (m > 0) return t('time.m', { m })
  return t('time.s', { s })
}

/** How long ago or until: for hover texts and for lists where the moment matters less than its distance. */
export function formatRelative(instant: string, t: Translate, now = serverNow()): string {
  const away = (Date.parse(instant) - now) / 1000
  if (Math.abs(away) < 45) return t('time.now')
  return away < 0 ? t('time.ago', { span: formatDuration(away, t) }) : t('time.in', { span: formatDuration(away, t) })
}

export type Urgency = 'late' | 'soon' | 'fine'
/** Amber from the last quarter of the promise or the last half hour, whichever is longer. */
export function urgencyOf(remaining: number, duration?: number): Urgency {
  if (remaining < 0) return 'late'
  return remaining <= Math.max(1800, (duration ?? 0) / 4) && remaining <= (duration ?? Infinity) * 0.5 ? 'soon' : 'fine'
}

export function formatBytes(size: number): string {
  if (size < 1024) return `${size} B`
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(size < 10240 ? 1 : 0)} KB`
  return `${(size / 1024 / 1024).toFixed(1)} MB`
}
