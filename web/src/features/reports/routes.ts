import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/reports',
    name: 'reports',
    component: () => import('./List.vue'),
    meta: { title: 'menu.reports', may: ['report.read'] },
  },
  {
    path: '/reports/:id',
    name: 'report',
    component: () => import('./Detail.vue'),
    props: true,
    meta: { title: 'report.one', may: ['report.read'] },
  },
]
