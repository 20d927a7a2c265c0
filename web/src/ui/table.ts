import { ref, watch, type Ref } from 'vue'

export interface Column {
  key: string
  title: string
  width?: number
  min?: number
  align?: 'right' | 'center'
  /** The server's sort words this heading goes through; a column without them cannot be sorted. */
  sort?: string[]
  /** Not shown until chosen. */
  hidden?: boolean
  /** Cannot be put away: the name of the row. */
  fixed?: boolean
}

/** Which columns this person wants, kept on this machine. */
export function useColumns(name: string, columns: Ref<Column[]>) {
  const stored = ref<string[] | null>(read(name))
  watch(stored, (value) => {
    try {
      if (value) localStorage.setItem(`anlan.columns.${name}`, JSON.stringify(value))
      else localStorage.removeItem(`anlan.columns.${name}`)
    } catch {
      /* only the choice is forgotten */
    }
  })
  const isShown = (column: Column) =>
    column.fixed || (stored.value ? stored.value.includes(column.key) : !column.hidden)
  function toggle(key: string): void {
    const now = columns.value.filter(isShown).map((c) => c.key)
    stored.value = now.includes(key) ? now.filter((k) => k !== key) : [...now, key]
  }
  function restore(): void {
    stored.value = null
  }
  return { isShown, toggle, restore, stored }
}

function read(name: string): string[] | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(`anlan.columns.${name}`) ?? 'null')
    return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : null
  } catch {
    return null
  }
}
