import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/calendars',
    name: 'calendars',
    component: () => import('./List.vue'),
    meta: { title: 'menu.calendars', may: ['calendar.read'] },
  },
]
