import type { Clock } from '@/api/types'

/** The running promise that falls due first; a paused one only if nothing runs. */
export function nextClock(clocks: Clock[]): Clock | undefined {
  const open = clocks.filter(
    (c) => !c.stopped_at && (c.state === 'running' || c.state === 'paused' || c.state === 'breached'),
  )
  const rank = (c: Clock) => (c.state === 'paused' ? 1 : 0)
  return [...open].sort((a, b) => rank(a) - rank(b) || Date.parse(a.due_at) - Date.parse(b.due_at))[0]
}

/** How much of the promise is used up, 0…1. */
export function shareOf(clock: Clock, now: number): number {
  if (clock.state === 'paused') return bounded(1 - clock.remaining_seconds / Math.max(1, clock.duration_seconds))
  const start = Date.parse(clock.started_at)
  const due = Date.parse(clock.due_at)
  return due <= start ? 1 : bounded((now - start) / (due - start))
}

const bounded = (share: number) => Math.min(1, Math.max(0, share))
