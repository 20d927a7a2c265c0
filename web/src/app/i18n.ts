import { createI18n } from 'vue-i18n'
import { setApiLanguage } from '@/api/client'
import zh from '@/locales/zh-CN'

export type Language = 'zh-CN' | 'en'
const STORED = 'anlan.language'

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh } as Record<string, typeof zh>,
  missingWarn: false,
  fallbackWarn: false,
})

export function storedLanguage(): Language | null {
  try {
    const value = localStorage.getItem(STORED)
    return value === 'en' || value === 'zh-CN' ? value : null
  } catch {
    return null
  }
}

/** English is fetched only by those who read it. */
export async function setLanguage(language: Language): Promise<void> {
  if (language === 'en' && !i18n.global.availableLocales.includes('en')) {
    const messages = await import('@/locales/en')
    i18n.global.setLocaleMessage('en', messages.default)
  }
  i18n.global.locale.value = language
  setApiLanguage(language)
  document.documentElement.lang = language
  try {
    localStorage.setItem(STORED, language)
  } catch {
    /* a refused storage only forgets the choice */
  }
}

export const t = (key: string, values: Record<string, unknown> = {}): string => i18n.global.t(key, values)
export const te = (key: string): boolean => i18n.global.te(key) || i18n.global.te(key, 'zh-CN')
