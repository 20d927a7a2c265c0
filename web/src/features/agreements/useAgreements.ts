import { useQuery } from '@tanstack/vue-query'
import type { Ref } from 'vue'
import { api } from '@/api/client'
import type { Agreement, Page } from '@/api/types'

export function useAgreements() {
  return useQuery({
    queryKey: ['agreement', 'list'],
    queryFn: async () => {
      const found = await api.get<Agreement[] | Page<Agreement>>('/agreements')
      return Array.isArray(found) ? found : found.items
    },
    staleTime: 5 * 60_000,
  })
}
export function useAgreement(key: Ref<string>) {
  return useQuery({
    queryKey: ['agreement', 'one', key],
    queryFn: () => api.get<Agreement>('/agreements/{key}', { path: { key: key.value } }),
  })
}
