import { api } from '@/api/client'
import type { Page } from '@/api/types'

/** A cell that a spreadsheet would run as a formula is kept as text. */
export function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value)
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}

export function toCsv(head: string[], rows: unknown[][]): string {
  // The mark lets WPS and Excel read the Chinese.
  return `\uFEFF${[head, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n')}\r\n`
}

export function saveText(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

/** Rows of an export at most: more are not for a spreadsheet. */
export const EXPORTED = 20_000

/** All rows behind a filter, page by page, up to a bound, telling how far it is. */
export async function fetchAll<T>(
  path: string,
  query: Record<string, unknown>,
  progress: (rows: number) => void,
  bound = EXPORTED,
): Promise<T[]> {
  const rows: T[] = []
  let after: string | undefined
  do {
    const page = await api.get<Page<T>>(path, { query: { ...(query as Record<string, string>), limit: 200, after } })
    rows.push(...page.items)
    after = page.next ?? undefined
    progress(rows.length)
  } while (after && rows.length < bound)
  return rows
}
