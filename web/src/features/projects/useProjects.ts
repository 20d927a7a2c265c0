import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api } from '@/api/client'
import type { Member, Page, Project, ProjectAgreement, ProjectHours, Stage } from '@/api/types'

const items = <T>(found: T[] | Page<T>) => (Array.isArray(found) ? found : found.items)

export function useProject(id: Ref<string | undefined>) {
  return useQuery({
    queryKey: ['project', 'one', id],
    queryFn: () => api.get<Project>('/projects/{id}', { path: { id: id.value! } }),
    enabled: computed(() => !!id.value),
  })
}
function usePart<T>(id: Ref<string>, part: string) {
  return useQuery({
    queryKey: ['project', part, id],
    queryFn: async () => items(await api.get<T[] | Page<T>>(`/projects/{id}/${part}`, { path: { id: id.value } })),
  })
}
export const useProjectAgreements = (id: Ref<string>) => usePart<ProjectAgreement>(id, 'agreements')
export const useProjectHours = (id: Ref<string>) => usePart<ProjectHours>(id, 'calendars')
export const useStages = (id: Ref<string>) => usePart<Stage>(id, 'stages')
export const useMembers = (id: Ref<string>) => usePart<Member>(id, 'members')
export function useRefreshProjects() {
  const client = useQueryClient()
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['project'] }),
      client.invalidateQueries({ queryKey: ['agreement'] }),
    ])
}

/** Whether an agreement is in force on a day. */
export function inForce(each: ProjectAgreement, day: string): boolean {
  return each.effective_from <= day && (!each.effective_to || each.effective_to >= day)
}

/** The office hours of a day: of those that have begun the last; they come by their days. */
export function hoursOn(list: ProjectHours[], day: string): ProjectHours | undefined {
  return list.filter((each) => !each.effective_from || each.effective_from <= day).at(-1)
}

/** How much of the term has passed, 0…1. */
export function termShare(from: string, to: string, today: string): number {
  const [a, b, now] = [from, to, today].map((d) => Date.parse(`${d}T00:00:00Z`)) as [number, number, number]
  return b <= a ? 1 : Math.min(1, Math.max(0, (now - a) / (b - a)))
}
