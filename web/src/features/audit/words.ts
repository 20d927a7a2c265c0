import { t, te } from '@/app/i18n'

/** What was done, in words: known as a whole, as a step of the process, or as verb and thing. */
export function actionWord(action: string, steps: Record<string, string> = {}): string {
  const whole = `audit.word.${action.replace(/\./g, '_')}`
  if (te(whole)) return t(whole)
  const [noun = '', verb = ''] = action.split('.').slice(-2)
  if (noun === 'ticket' && steps[verb]) return steps[verb]
  if (!te(`audit.verb.${verb}`) || !te(`audit.noun.${noun}`)) return action
  return t('audit.phrase', { verb: t(`audit.verb.${verb}`), noun: t(`audit.noun.${noun}`) })
}
