import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/tokens',
    name: 'tokens',
    component: () => import('./List.vue'),
    meta: { title: 'menu.tokens', may: ['token.manage'] },
  },
]
