import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api } from '@/api/client'
import type { Contact, Group, Member, Page, TicketDetail } from '@/api/types'
import { useSession } from '@/app/session'

/** Names for the ids a ticket's fields and history carry: who is in the project, its groups, its contact. */
export function useNames(ticket: Ref<TicketDetail | undefined>) {
  const session = useSession()
  const project = computed(() => ticket.value?.project?.id)
  const contact = computed(() =>
    typeof ticket.value?.fields.contact_id === 'string' ? ticket.value.fields.contact_id : null,
  )
  const options = { staleTime: 5 * 60_000, retry: false }
  const members = useQuery({
    queryKey: ['project', 'members', project],
    queryFn: () => api.get<Member[]>('/projects/{id}/members', { path: { id: project.value! } }),
    enabled: computed(() => !!project.value && session.can('project.read')),
    ...options,
  })
  const groups = useQuery({
    queryKey: ['group', 'names', project],
    queryFn: () => api.get<Page<Group>>('/groups', { query: { project: project.value, limit: 200 } }),
    enabled: computed(() => !!project.value && session.can('people.read')),
    ...options,
  })
  const caller = useQuery({
    queryKey: ['contact', 'one', contact],
    queryFn: () => api.get<Contact>('/contacts/{id}', { path: { id: contact.value! } }),
    enabled: computed(() => !!contact.value && session.can('people.read')),
    ...options,
  })
  return computed(() => {
    const found: Record<string, string> = {}
    const all = [
      ...(members.data.value ?? []),
      ...(groups.data.value?.items ?? []),
      caller.data.value,
      ticket.value?.unit,
      ticket.value?.assignee,
      ticket.value?.group,
      ticket.value?.created_by,
    ]
    for (const each of all) if (each) found[each.id] = each.name
    return found
  })
}
