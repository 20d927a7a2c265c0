import { ref } from 'vue'

export type Theme = 'auto' | 'light' | 'dark'
const STORED = 'anlan.theme'
const system = matchMedia('(prefers-color-scheme: dark)')

function stored(): Theme {
  try {
    const value = localStorage.getItem(STORED)
    return value === 'light' || value === 'dark' ? value : 'auto'
  } catch {
    return 'auto'
  }
}

export const theme = ref<Theme>(stored())
/** What is on screen now; charts redraw when it changes. */
export const isDark = ref(false)

/** Paper is white, whatever the screen is. */
let printing = false

function apply(): void {
  const dark = !printing && (theme.value === 'dark' || (theme.value === 'auto' && system.matches))
  document.documentElement.classList.toggle('dark', dark)
  isDark.value = dark
}

export function setTheme(value: Theme): void {
  theme.value = value
  try {
    localStorage.setItem(STORED, value)
  } catch {
    /* a refused storage only forgets the choice */
  }
  apply()
}

function print(now: boolean): void {
  printing = now
  apply()
}

system.addEventListener('change', apply)
window.addEventListener('beforeprint', () => print(true))
window.addEventListener('afterprint', () => print(false))
apply()
