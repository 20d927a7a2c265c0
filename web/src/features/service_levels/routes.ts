import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/projects/:id/sla',
    name: 'sla',
    component: () => import('./Sla.vue'),
    props: true,
    meta: { title: 'sla.title', may: ['project.read'] },
  },
  {
    path: '/projects/:id/kpi',
    name: 'kpi',
    component: () => import('./Kpi.vue'),
    props: true,
    meta: { title: 'kpi.title', may: ['project.read'] },
  },
]
