import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Page, Permission, ProjectRef, Session } from '@/api/types'
import { queryClient } from './query'

const PROJECT = 'anlan.project'

/** Who is at the desk, what that person may do, and which project is in view. */
export const useSession = defineStore('session', () => {
  const session = ref<Session | null>(null)
  const loaded = ref(false)
  const chosen = ref<string | null>(readChosen())

  const user = computed(() => session.value?.user ?? null)
  /** The contracts this person may see: what the switcher offers and forms choose from. */
  const projects = ref<ProjectRef[]>([])
  const project = computed(() => projects.value.find((p) => p.id === chosen.value) ?? null)
  const projectId = computed(() => project.value?.id)
  const mustChangePassword = computed(() => session.value?.must_change_password ?? false)

  function can(...any: Permission[]): boolean {
    return any.some((p) => session.value?.permissions.includes(p) ?? false)
  }

  async function load(): Promise<void> {
    try {
      session.value = await api.get<Session>('/session')
      await loadProjects()
    } catch (error) {
      session.value = null
      if (!(error instanceof Problem) || error.status !== 401) throw error
    } finally {
      loaded.value = true
    }
  }
  async function signIn(login: string, password: string): Promise<void> {
    session.value = await api.post<Session>('/session', { login, password })
    await loadProjects()
    loaded.value = true
  }
  async function loadProjects(): Promise<void> {
    if (!session.value || session.value.must_change_password) return
    const told = (session.value as Session & { projects?: ProjectRef[] }).projects
    if (told) {
      projects.value = told
      return
    }
    if (!can('project.read')) return
    // Without the list one can still work in all projects at once.
    const found = await api.get<Page<ProjectRef>>('/projects', { query: { limit: 200 } }).catch(() => null)
    projects.value = found?.items.map(({ id, code, name }) => ({ id, code, name })) ?? []
  }
  async function signOut(): Promise<void> {
    try {
      await api.delete('/session')
    } finally {
      forget()
    }
  }
  async function changePassword(old: string, fresh: string): Promise<void> {
    await api.put('/session/password', { old, new: fresh })
    await load()
  }
  /** Nothing of the last person may be seen by the next one. */
  function forget(): void {
    session.value = null
    projects.value = []
    queryClient.clear()
  }
  function choose(id: string | null): void {
    chosen.value = id
    try {
      if (id) localStorage.setItem(PROJECT, id)
      else localStorage.removeItem(PROJECT)
    } catch {
      /* only the choice is forgotten */
    }
  }

  return {
    session,
    loaded,
    user,
    projects,
    project,
    projectId,
    mustChangePassword,
    can,
    load,
    signIn,
    signOut,
    changePassword,
    forget,
    choose,
  }
})

function readChosen(): string | null {
  try {
    return localStorage.getItem(PROJECT)
  } catch {
    return null
  }
}
