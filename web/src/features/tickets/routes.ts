import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/incidents',
    name: 'incidents',
    component: () => import('./List.vue'),
    meta: { title: 'menu.incidents', may: ['ticket.read'] },
  },
  {
    path: '/incidents/new',
    name: 'incident-new',
    component: () => import('./Form.vue'),
    meta: { title: 'ticket.new', may: ['ticket.create'] },
  },
  {
    path: '/incidents/:id',
    alias: '/tickets/:id',
    name: 'incident',
    component: () => import('./Detail.vue'),
    props: true,
    meta: { title: 'ticket.one', may: ['ticket.read'] },
  },
]
