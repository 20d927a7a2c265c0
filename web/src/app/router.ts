import { createRouter, createWebHistory, START_LOCATION, type RouteRecordRaw } from 'vue-router'
import { BASE } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Permission } from '@/api/types'
import { i18n, t } from './i18n'
import { useSession } from './session'
import { toast } from '@/ui/feedback'
import { routes as agreements } from '@/features/agreements/routes'
import { routes as alerts } from '@/features/alerts/routes'
import { routes as audit } from '@/features/audit/routes'
import { routes as calendars } from '@/features/calendars/routes'
import { routes as channels } from '@/features/channels/routes'
import { routes as desk } from '@/features/desk/routes'
import { routes as maintenance } from '@/features/maintenance/routes'
import { routes as monitors } from '@/features/monitors/routes'
import { routes as notices } from '@/features/notices/routes'
import { routes as people } from '@/features/people/routes'
import { routes as projects } from '@/features/projects/routes'
import { routes as reports } from '@/features/reports/routes'
import { routes as serviceLevels } from '@/features/service_levels/routes'
import { routes as session } from '@/features/session/routes'
import { routes as settings } from '@/features/settings/routes'
import { routes as suppliers } from '@/features/suppliers/routes'
import { routes as tickets } from '@/features/tickets/routes'
import { routes as tokens } from '@/features/tokens/routes'
import { routes as work } from '@/features/work/routes'

declare module 'vue-router' {
  interface RouteMeta {
    /** i18n key of the page's name. */
    title: string
    /** Any of these opens the page; none means everyone signed in. */
    may?: Permission[]
    /** Shown without a session and without the frame. */
    bare?: boolean
  }
}

const inside: RouteRecordRaw[] = [
  ...work,
  ...desk,
  ...tickets,
  ...monitors,
  ...alerts,
  ...maintenance,
  ...projects,
  ...serviceLevels,
  ...people,
  ...suppliers,
  ...agreements,
  ...calendars,
  ...channels,
  ...reports,
  ...audit,
  ...tokens,
  ...settings,
  ...notices,
]

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', redirect: '/work' },
    ...session,
    ...inside,
    {
      path: '/:rest(.*)*',
      name: 'missing',
      component: () => import('./Missing.vue'),
      meta: { title: 'shell.missing' },
    },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
})

router.beforeEach(async (to) => {
  const session = useSession()
  if (!session.loaded) await session.load().catch(() => undefined)
  if (!session.session) return to.meta.bare ? true : { name: 'sign-in', query: { back: to.fullPath } }
  if (session.mustChangePassword && to.name !== 'password') return { name: 'password', query: { back: to.fullPath } }
  if (to.name === 'sign-in') return '/work'
  // A link may name the project it is about: that comes into view.
  const { project, ...query } = to.query
  if (typeof project === 'string') {
    if (session.projects.some((p) => p.id === project)) session.choose(project)
    return { ...to, query }
  }
  if (to.meta.may && !session.can(...to.meta.may))
    return { name: 'missing', params: { rest: to.path.slice(1).split('/') } }
  return true
})

// A page that cannot be fetched: the server is away, or was renewed and has other files now.
router.onError(async (_error, to, from) => {
  const up = await fetch(`${BASE}/session`).then(
    () => true,
    () => false,
  )
  if (!up) toast.fail(new Problem(0))
  else if (from !== START_LOCATION) location.assign(to.fullPath)
})

export function applyTitle(): void {
  const key = router.currentRoute.value.meta.title
  document.title = key ? `${t(key)} · ${t('app.name')}` : i18n.global.t('app.name')
}
router.afterEach(applyTitle)
