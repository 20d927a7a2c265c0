import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/desk/queue',
    name: 'queue',
    component: () => import('./Queue.vue'),
    meta: { title: 'menu.queue', may: ['ticket.act'] },
  },
  {
    path: '/desk/call',
    name: 'call',
    component: () => import('./Call.vue'),
    meta: { title: 'menu.call', may: ['ticket.act'] },
  },
]
