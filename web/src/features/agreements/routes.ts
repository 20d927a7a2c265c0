import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/agreements',
    name: 'agreements',
    component: () => import('./List.vue'),
    meta: { title: 'menu.agreements', may: ['agreement.read'] },
  },
  {
    path: '/agreements/:id',
    name: 'agreement',
    component: () => import('./Detail.vue'),
    props: true,
    meta: { title: 'agreement.one', may: ['agreement.read'] },
  },
]
