import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/alerts',
    name: 'alerts',
    component: () => import('./List.vue'),
    meta: { title: 'menu.alerts', may: ['monitor.read'] },
  },
]
