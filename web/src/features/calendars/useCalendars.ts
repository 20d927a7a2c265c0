import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api } from '@/api/client'
import type { Calendar, CalendarDay, Page } from '@/api/types'

export function useCalendars(enabled: () => boolean = () => true) {
  return useQuery({
    queryKey: ['calendar', 'list'],
    queryFn: async () => {
      const found = await api.get<Calendar[] | Page<Calendar>>('/calendars')
      return Array.isArray(found) ? found : found.items
    },
    enabled,
    staleTime: 5 * 60_000,
  })
}

export function useYear(key: Ref<string>, year: Ref<number>) {
  return useQuery({
    queryKey: ['calendar', 'days', key, year],
    queryFn: async ({ signal }) => {
      const found = await api.get<CalendarDay[] | Page<CalendarDay>>('/calendars/{key}/days', {
        path: { key: key.value },
        query: { year: year.value },
        signal,
      })
      return Array.isArray(found) ? found : found.items
    },
    enabled: computed(() => !!key.value),
  })
}

/** Months of a year as weeks from Monday to Sunday, with empty places where a week belongs to another month. */
export function monthsOf(days: CalendarDay[]): { month: number; weeks: (CalendarDay | null)[][] }[] {
  const months: { month: number; weeks: (CalendarDay | null)[][] }[] = []
  for (let month = 1; month <= 12; month++) {
    const mine = days.filter((d) => Number(d.date.slice(5, 7)) === month)
    if (mine.length === 0) continue
    const lead = (new Date(`${mine[0]!.date}T00:00:00Z`).getUTCDay() + 6) % 7
    const cells: (CalendarDay | null)[] = [...Array<null>(lead).fill(null), ...mine]
    while (cells.length % 7 !== 0) cells.push(null)
    months.push({ month, weeks: Array.from({ length: cells.length / 7 }, (_, i) => cells.slice(i * 7, i * 7 + 7)) })
  }
  return months
}
