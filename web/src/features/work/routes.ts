import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/work', name: 'work', component: () => import('./List.vue'), meta: { title: 'menu.work' } },
]
