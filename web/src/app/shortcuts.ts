import { onBeforeUnmount, onMounted } from 'vue'
import { useRouter } from 'vue-router'
import { useSession } from './session'

/** Ctrl K search · / filter · c call · g then w, q, i, m, a: go. Never while someone is typing. */
const GO: Record<string, string> = {
  w: '/work',
  q: '/desk/queue',
  i: '/incidents',
  m: '/monitors',
  a: '/alerts',
  r: '/reports',
  p: '/projects',
}

export function useShortcuts(on: { palette: () => void }): void {
  const router = useRouter()
  const session = useSession()
  let leading = 0

  function press(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      on.palette()
      return
    }
    const target = event.target as HTMLElement
    const typing = target.closest('input, textarea, select, [contenteditable="true"], [role="combobox"]')
    if (
      typing ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      document.querySelector('.el-overlay:not([style*="display: none"])')
    )
      return
    const followed = Date.now() - leading < 900 ? GO[event.key] : undefined
    leading = 0
    if (followed) void router.push(followed)
    else if (event.key === 'g') leading = Date.now()
    else if (event.key === 'c' && session.can('ticket.act')) void router.push('/desk/call')
    else if (event.key === '/') {
      const filter = document.querySelector<HTMLInputElement>('[data-filter]')
      if (filter) filter.focus()
      else on.palette()
      event.preventDefault()
    }
  }
  onMounted(() => window.addEventListener('keydown', press))
  onBeforeUnmount(() => window.removeEventListener('keydown', press))
}
