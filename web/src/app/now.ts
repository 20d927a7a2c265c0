import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import { serverNow } from './time'

// One heartbeat for the whole page: a hundred clocks on a list cost one timer.
const beat = ref(serverNow())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The present moment in epoch ms, moving once a second while someone looks at it. */
export function useNow(): Readonly<Ref<number>> {
  users++
  if (timer === undefined) {
    beat.value = serverNow()
    timer = setInterval(() => {
      if (!document.hidden) beat.value = serverNow()
    }, 1000)
  }
  onScopeDispose(() => {
    users--
    if (users === 0 && timer !== undefined) {
      clearInterval(timer)
      timer = undefined
    }
  })
  return readonly(beat)
}
