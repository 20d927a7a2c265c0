import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/channels',
    name: 'channels',
    component: () => import('./List.vue'),
    meta: { title: 'menu.channels', may: ['channel.read'] },
  },
  {
    path: '/deliveries',
    name: 'deliveries',
    component: () => import('./Deliveries.vue'),
    meta: { title: 'menu.deliveries', may: ['channel.read'] },
  },
]
