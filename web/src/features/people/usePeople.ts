import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api } from '@/api/client'
import type { Grant, Page, Role, ScopeKind, User } from '@/api/types'

export function useRoles() {
  return useQuery({ queryKey: ['role'], queryFn: () => api.get<Role[]>('/roles'), staleTime: 10 * 60_000 })
}
export function useUser(id: Ref<string>) {
  return useQuery({
    queryKey: ['user', 'one', id],
    queryFn: () => api.get<User>('/users/{id}', { path: { id: id.value } }),
    enabled: computed(() => !!id.value),
  })
}
export function useGrants(id: Ref<string>) {
  return useQuery({
    queryKey: ['user', 'grants', id],
    queryFn: async () => {
      const found = await api.get<Grant[] | Page<Grant>>('/users/{id}/grants', { path: { id: id.value } })
      return Array.isArray(found) ? found : found.items
    },
  })
}
export function useGrantChange(id: Ref<string>) {
  const client = useQueryClient()
  const settle = () => client.invalidateQueries({ queryKey: ['user'] })
  const give = useMutation({
    mutationFn: (body: { role: string; scope: { kind: ScopeKind; id?: string } }) =>
      api.post('/users/{id}/grants', body, { path: { id: id.value } }),
    onSuccess: settle,
  })
  const take = useMutation({
    mutationFn: (grant: string) => api.delete('/users/{id}/grants/{grant}', { path: { id: id.value, grant } }),
    onSuccess: settle,
  })
  return { give, take }
}
export function useUserHelp(id: Ref<string>) {
  const client = useQueryClient()
  const settle = () => client.invalidateQueries({ queryKey: ['user'] })
  const reset = useMutation({
    mutationFn: () =>
      api.post<{ one_time_password: string }>('/users/{id}/reset-password', undefined, { path: { id: id.value } }),
    onSuccess: settle,
  })
  const unlock = useMutation({
    mutationFn: () => api.post('/users/{id}/unlock', undefined, { path: { id: id.value } }),
    onSuccess: settle,
  })
  return { reset, unlock }
}
