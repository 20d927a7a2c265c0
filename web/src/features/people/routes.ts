import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/users',
    name: 'users',
    component: () => import('./Users.vue'),
    meta: { title: 'menu.users', may: ['people.read'] },
  },
  {
    path: '/users/:id',
    name: 'user',
    component: () => import('./UserDetail.vue'),
    props: true,
    meta: { title: 'people.user', may: ['people.read'] },
  },
  {
    path: '/units',
    name: 'units',
    component: () => import('./Units.vue'),
    meta: { title: 'menu.units', may: ['people.read'] },
  },
  {
    path: '/contacts',
    name: 'contacts',
    component: () => import('./Contacts.vue'),
    meta: { title: 'menu.contacts', may: ['people.read'] },
  },
  {
    path: '/groups',
    name: 'groups',
    component: () => import('./Groups.vue'),
    meta: { title: 'menu.groups', may: ['people.read'] },
  },
]
