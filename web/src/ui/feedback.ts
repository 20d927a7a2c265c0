import { ElMessage, ElMessageBox } from 'element-plus'
import { asProblem } from '@/api/problem'
import { t, te } from '@/app/i18n'
import { formatInstant } from '@/app/time'

/** What happened, why, and what to do: the server's own words first, ours when it had none. */
export function wordsFor(error: unknown): string {
  const problem = asProblem(error)
  if (problem.status !== 0 && (problem.detail || problem.title)) return onTheWall(problem.detail || problem.title)
  const key = `error.${problem.code}`
  if (te(key)) return t(key)
  return problem.status >= 500 ? t('error.server') : t('error.unknown', { status: problem.status })
}

/** The server speaks of moments in UTC; people read the clock on their wall. */
function onTheWall(words: string): string {
  return words.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (instant) => formatInstant(instant))
}

export const toast = {
  ok: (message: string) => ElMessage({ message, type: 'success', duration: 2600, grouping: true }),
  warn: (message: string) => ElMessage({ message, type: 'warning', duration: 8000, showClose: true, grouping: true }),
  fail: (error: unknown) =>
    ElMessage({ message: wordsFor(error), type: 'error', duration: 6000, showClose: true, grouping: true }),
}

export async function confirmed(message: string, title: string, action: string): Promise<boolean> {
  try {
    await ElMessageBox.confirm(message, title, {
      confirmButtonText: action,
      cancelButtonText: t('act.cancel'),
      type: 'warning',
      autofocus: false,
      showClose: false,
    })
    return true
  } catch {
    return false
  }
}
