import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/settings',
    name: 'settings',
    component: () => import('./Settings.vue'),
    meta: { title: 'menu.settings', may: ['settings.manage'] },
  },
  { path: '/profile', name: 'profile', component: () => import('./Profile.vue'), meta: { title: 'menu.profile' } },
]
