import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api } from '@/api/client'
import type { Alert, Page, TicketDetail } from '@/api/types'
import { useSession } from '@/app/session'

const MOST = 200

/** One line per monitor from alerts that come newest first: what is still wrong on top, the worse first. */
export function monitorsOf(alerts: Alert[]): Alert[] {
  const newest = new Map<string, Alert>()
  for (const alert of alerts) if (!newest.has(alert.monitor_id)) newest.set(alert.monitor_id, alert)
  const weight = (alert: Alert) => (alert.recovered_at ? 2 : alert.level === 'critical' ? 0 : 1)
  return [...newest.values()].sort((a, b) => weight(a) - weight(b))
}

/** The monitors a ticket stands for: one, or the many of a storm. Only for who may see monitors. */
export function useAlarmed(ticket: Ref<TicketDetail>) {
  const session = useSession()
  const relevant = computed(() => session.can('monitor.read') && ticket.value.channel === 'monitor')
  const query = useQuery({
    queryKey: ['alert', 'ticket', computed(() => ticket.value.id)],
    queryFn: ({ signal }) =>
      api.get<Page<Alert>>('/alerts', { query: { ticket: ticket.value.id, limit: MOST }, signal }),
    enabled: relevant,
  })
  const monitors = computed(() => monitorsOf(query.data.value?.items ?? []))
  const count = computed(() => `${monitors.value.length}${query.data.value?.next ? '+' : ''}`)
  return { relevant, query, monitors, count }
}
