import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/sign-in',
    name: 'sign-in',
    component: () => import('./SignIn.vue'),
    meta: { title: 'session.signIn', bare: true },
  },
  {
    path: '/password',
    name: 'password',
    component: () => import('./Password.vue'),
    meta: { title: 'session.change', bare: true },
  },
]
