import { ref } from 'vue'
import { BASE } from '@/api/client'
import { queryClient } from './query'

/** Whether the page hears of changes at once; when not, it says so and asks again by itself. */
export const liveState = ref<'off' | 'on' | 'lost'>('off')

const QUIET = 700
/** Which query keys a topic touches, when they are not of the same name. */
const TOPICS: Record<string, string[]> = {
  alert: ['alert', 'monitor'],
  people: ['user', 'unit', 'contact', 'group', 'project'],
  settings: ['settings', 'channel', 'calendar', 'agreement'],
  timer: [],
  outbox: [],
}
const pending = new Set<string>()
let timer: ReturnType<typeof setTimeout> | undefined
let source: EventSource | undefined
let again: ReturnType<typeof setTimeout> | undefined
let failures = 0

// A storm of five hundred events is one refetch per topic.
function flush(): void {
  timer = undefined
  for (const topic of pending) void queryClient.invalidateQueries({ queryKey: [topic] })
  pending.clear()
}

export function noteChange(topic: string): void {
  for (const each of TOPICS[topic] ?? [topic]) pending.add(each)
  timer ??= setTimeout(flush, QUIET)
}

export function startLive(): void {
  if (source || typeof EventSource === 'undefined') return
  source = new EventSource(`${BASE}/events`)
  source.onopen = () => {
    // What happened while the line was cut is fetched, not guessed.
    if (failures > 0) void queryClient.invalidateQueries()
    failures = 0
    liveState.value = 'on'
  }
  source.addEventListener('change', (event) => {
    try {
      const { topic } = JSON.parse((event as MessageEvent<string>).data) as { topic?: string }
      if (topic) noteChange(topic)
    } catch {
      /* an event we cannot read changes nothing */
    }
  })
  // The server could not keep up with this listener: everything is asked for anew.
  source.addEventListener('resync', () => void queryClient.invalidateQueries())
  source.onerror = () => {
    failures++
    if (failures > 1) liveState.value = 'lost'
    if (source?.readyState === EventSource.CLOSED) {
      source = undefined
      again = setTimeout(startLive, Math.min(30_000, 1000 * 2 ** failures))
    }
  }
}

export function stopLive(): void {
  source?.close()
  source = undefined
  if (again) clearTimeout(again)
  failures = 0
  liveState.value = 'off'
}
