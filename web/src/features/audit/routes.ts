import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/audit',
    name: 'audit',
    component: () => import('./List.vue'),
    meta: { title: 'menu.audit', may: ['audit.read'] },
  },
]
