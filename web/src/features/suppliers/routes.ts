import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/suppliers',
    name: 'suppliers',
    component: () => import('./List.vue'),
    meta: { title: 'menu.suppliers', may: ['ticket.act', 'project.manage', 'audit.read'] },
  },
  {
    path: '/suppliers/:id',
    name: 'supplier',
    component: () => import('./Detail.vue'),
    props: true,
    meta: { title: 'supplier.one', may: ['ticket.act', 'project.manage', 'audit.read'] },
  },
]
