import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/maintenance',
    name: 'maintenance',
    component: () => import('./List.vue'),
    meta: { title: 'menu.maintenance', may: ['monitor.read'] },
  },
]
