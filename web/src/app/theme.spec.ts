import { describe, expect, it } from 'vitest'
import { isDark, setTheme } from './theme'

describe('the theme', () => {
  it('is light on paper and comes back after printing', () => {
    setTheme('dark')
    window.dispatchEvent(new Event('beforeprint'))
    expect([isDark.value, document.documentElement.classList.contains('dark')]).toEqual([false, false])
    window.dispatchEvent(new Event('afterprint'))
    expect([isDark.value, document.documentElement.classList.contains('dark')]).toEqual([true, true])
    setTheme('light')
    window.dispatchEvent(new Event('afterprint'))
    expect(isDark.value).toBe(false)
  })
})
