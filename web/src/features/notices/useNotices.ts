import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api } from '@/api/client'
import type { Notice, Page } from '@/api/types'

export function useUnreadCount() {
  return useQuery({
    queryKey: ['notice', 'count'],
    queryFn: () => api.get<{ unread: number }>('/notices/count'),
    refetchInterval: 120_000,
  })
}

export function useLatestNotices(enabled: () => boolean) {
  return useQuery({
    queryKey: ['notice', 'latest'],
    queryFn: () => api.get<Page<Notice>>('/notices', { query: { limit: 12 } }),
    enabled,
  })
}

export function useReadNotice() {
  const client = useQueryClient()
  const settle = () => client.invalidateQueries({ queryKey: ['notice'] })
  const one = useMutation({
    mutationFn: (id: string) => api.post('/notices/{id}/read', undefined, { path: { id } }),
    onSettled: settle,
  })
  const all = useMutation({ mutationFn: () => api.post('/notices/read-all'), onSettled: settle })
  return { one, all }
}

/** Links come from the server's own texts, yet only a path of this site is followed. */
export function noticeTarget(link: string | null): string | null {
  return link && /^\/(?![/\\])/.test(link) ? link : null
}
