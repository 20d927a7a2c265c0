import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/monitors',
    name: 'monitors',
    component: () => import('./List.vue'),
    meta: { title: 'menu.monitors', may: ['monitor.read'] },
  },
  {
    path: '/monitors/new',
    name: 'monitor-new',
    component: () => import('./Form.vue'),
    meta: { title: 'monitor.new', may: ['monitor.manage'] },
  },
  {
    path: '/monitors/systems',
    name: 'monitor-systems',
    component: () => import('./Systems.vue'),
    meta: { title: 'monitor.systems', may: ['monitor.read'] },
  },
  {
    path: '/monitors/:id',
    name: 'monitor',
    component: () => import('./Detail.vue'),
    props: true,
    meta: { title: 'monitor.one', may: ['monitor.read'] },
  },
  {
    path: '/monitors/:id/edit',
    name: 'monitor-edit',
    component: () => import('./Form.vue'),
    props: true,
    meta: { title: 'monitor.edit', may: ['monitor.manage'] },
  },
]
