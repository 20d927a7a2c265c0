import type { Component } from 'vue'
import {
  Calendar,
  ChatLineSquare,
  Connection,
  Document,
  Files,
  Key,
  List,
  Memo,
  Monitor,
  Odometer,
  OfficeBuilding,
  PhoneFilled,
  Postcard,
  Setting,
  Shop,
  Stamp,
  Stopwatch,
  Tickets,
  User,
  UserFilled,
  Warning,
} from '@element-plus/icons-vue'
import type { Permission } from '@/api/types'

export interface MenuItem {
  to: string
  title: string
  icon: Component
  may?: Permission[]
}
export interface MenuGroup {
  title: string
  items: MenuItem[]
}

/** Only pages that exist; whoever may not use one does not see it. */
export const MENU: MenuGroup[] = [
  { title: 'menu.bench', items: [{ to: '/work', title: 'menu.work', icon: List }] },
  {
    title: 'menu.desk',
    items: [
      { to: '/desk/queue', title: 'menu.queue', icon: Tickets, may: ['ticket.act'] },
      { to: '/desk/call', title: 'menu.call', icon: PhoneFilled, may: ['ticket.act'] },
      { to: '/contacts', title: 'menu.contacts', icon: Postcard, may: ['people.read'] },
    ],
  },
  { title: 'menu.process', items: [{ to: '/incidents', title: 'menu.incidents', icon: Memo, may: ['ticket.read'] }] },
  {
    title: 'menu.watch',
    items: [
      { to: '/monitors', title: 'menu.monitors', icon: Monitor, may: ['monitor.read'] },
      { to: '/alerts', title: 'menu.alerts', icon: Warning, may: ['monitor.read'] },
      { to: '/maintenance', title: 'menu.maintenance', icon: Stopwatch, may: ['monitor.read'] },
    ],
  },
  { title: 'menu.report', items: [{ to: '/reports', title: 'menu.reports', icon: Document, may: ['report.read'] }] },
  {
    title: 'menu.project',
    items: [
      { to: '/projects', title: 'menu.projects', icon: Files, may: ['project.read'] },
      { to: '/agreements', title: 'menu.agreements', icon: Odometer, may: ['agreement.read'] },
      { to: '/units', title: 'menu.units', icon: OfficeBuilding, may: ['people.read'] },
      { to: '/groups', title: 'menu.groups', icon: UserFilled, may: ['people.read'] },
      {
        to: '/suppliers',
        title: 'menu.suppliers',
        icon: Shop,
        may: ['ticket.act', 'project.manage', 'audit.read'],
      },
    ],
  },
  {
    title: 'menu.system',
    items: [
      { to: '/users', title: 'menu.users', icon: User, may: ['people.read'] },
      { to: '/calendars', title: 'menu.calendars', icon: Calendar, may: ['calendar.read'] },
      { to: '/channels', title: 'menu.channels', icon: Connection, may: ['channel.read'] },
      { to: '/deliveries', title: 'menu.deliveries', icon: ChatLineSquare, may: ['channel.read'] },
      { to: '/audit', title: 'menu.audit', icon: Stamp, may: ['audit.read'] },
      { to: '/tokens', title: 'menu.tokens', icon: Key, may: ['token.manage'] },
      { to: '/settings', title: 'menu.settings', icon: Setting, may: ['settings.manage'] },
    ],
  },
]
