import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api } from '@/api/client'
import { useSession } from '@/app/session'

/** Live count of red and blue alarms for the top of every page. */
export function useAlarmCount() {
  const session = useSession()
  return useQuery({
    queryKey: ['alert', 'summary'],
    queryFn: () => api.get<{ red: number; blue: number }>('/alerts/summary'),
    enabled: computed(() => session.can('monitor.read')),
    refetchInterval: 60_000,
  })
}
