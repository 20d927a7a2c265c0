import { computed, ref, watch, type Ref } from 'vue'

interface Row {
  id: string
}

/**
 * Rows that arrive by themselves never move what the hand is about to click: while the pointer or the focus is on the
 * list, known rows change in place and newcomers wait behind a count; what changed glows once.
 */
export function useStableRows<T extends Row>(incoming: Ref<T[]>, held: Ref<boolean>, stampOf: (row: T) => unknown) {
  const shown = ref(incoming.value) as Ref<T[]>
  const glowing = ref<Set<string>>(new Set())
  const waiting = ref(0)
  let fading: ReturnType<typeof setTimeout> | undefined

  function glow(ids: string[]): void {
    if (ids.length === 0) return
    glowing.value = new Set(ids)
    clearTimeout(fading)
    fading = setTimeout(() => {
      glowing.value = new Set()
    }, 2500)
  }
  function changed(next: T[]): string[] {
    const before = new Map(shown.value.map((r) => [r.id, stampOf(r)]))
    return next.filter((r) => before.has(r.id) && before.get(r.id) !== stampOf(r)).map((r) => r.id)
  }
  function settle(): void {
    shown.value = incoming.value
    waiting.value = 0
  }
  /** `fresh`: the person asked for other rows (filter, page), so nothing is held back. */
  function receive(next: T[], fresh: boolean): void {
    if (fresh || !held.value || shown.value.length === 0) {
      if (!fresh) glow(changed(next))
      shown.value = next
      waiting.value = 0
      return
    }
    const byId = new Map(next.map((r) => [r.id, r]))
    glow(changed(next))
    const kept = shown.value.map((r) => byId.get(r.id) ?? r)
    waiting.value =
      next.filter((r) => !shown.value.some((s) => s.id === r.id)).length +
      shown.value.filter((r) => !byId.has(r.id)).length
    shown.value = kept
  }
  watch(held, (now) => {
    if (!now && waiting.value > 0) settle()
  })
  return { shown: computed(() => shown.value), glowing, waiting, settle, receive }
}
