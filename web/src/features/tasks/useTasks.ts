import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, newKey } from '@/api/client'
import type { SupplierChoice, Task } from '@/api/types'

export function useTasks(ticket: Ref<string>) {
  return useQuery({
    queryKey: ['ticket', 'tasks', ticket],
    queryFn: ({ signal }) => api.get<Task[]>('/tickets/{id}/tasks', { path: { id: ticket.value }, signal }),
    enabled: computed(() => !!ticket.value),
  })
}

/** Suppliers with a contract in force for the ticket's project. */
export function useSupplierChoices(ticket: Ref<string>, enabled: () => boolean = () => true) {
  return useQuery({
    queryKey: ['ticket', 'suppliers', ticket],
    queryFn: () => api.get<SupplierChoice[]>('/tickets/{id}/suppliers', { path: { id: ticket.value } }),
    enabled: computed(() => !!ticket.value && enabled()),
    staleTime: 60_000,
  })
}

export interface Closing {
  state: 'done' | 'not_needed'
  note: string
}

export function useCloseTask() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, ...body }: Closing & { id: string }) =>
      api.post<Task>('/tasks/{id}/close', body, { path: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['ticket'] }),
  })
}

export type DoerKind = 'person' | 'group' | 'supplier'
export interface NewTask {
  title: string
  doer: DoerKind
  assignee_id: string | null
  group_id: string | null
  supplier_id: string | null
  due_at: string | null
}

/** What is sent: of person, group and supplier only the one that was chosen. */
export function bodyOf(task: NewTask): Record<string, unknown> {
  const who = {
    person: { assignee_id: task.assignee_id },
    group: { group_id: task.group_id },
    supplier: { supplier_id: task.supplier_id },
  }[task.doer]
  return { title: task.title, due_at: task.due_at, ...who }
}

export function useAddTask(ticket: Ref<string>) {
  const client = useQueryClient()
  let key = newKey()
  return useMutation({
    mutationFn: (task: NewTask) =>
      api.post<Task[]>('/tickets/{id}/tasks', bodyOf(task), { path: { id: ticket.value }, idempotencyKey: key }),
    onSuccess: () => {
      key = newKey()
      return client.invalidateQueries({ queryKey: ['ticket'] })
    },
  })
}

/** Who does it, in one word. */
export const doerOf = (task: Task): string => (task.assignee ?? task.group ?? task.supplier ?? task.role)?.name ?? ''
