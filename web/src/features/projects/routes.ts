import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/projects',
    name: 'projects',
    component: () => import('./List.vue'),
    meta: { title: 'menu.projects', may: ['project.read'] },
  },
  {
    path: '/projects/new',
    name: 'project-new',
    component: () => import('./Form.vue'),
    meta: { title: 'project.new', may: ['project.manage'] },
  },
  {
    path: '/projects/:id',
    name: 'project',
    component: () => import('./Detail.vue'),
    props: true,
    meta: { title: 'project.one', may: ['project.read'] },
  },
  {
    path: '/projects/:id/edit',
    name: 'project-edit',
    component: () => import('./Form.vue'),
    props: true,
    meta: { title: 'project.edit', may: ['project.manage'] },
  },
]
