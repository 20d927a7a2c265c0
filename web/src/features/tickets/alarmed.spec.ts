import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Alert, Permission, TicketDetail } from '@/api/types'
import { i18n } from '@/app/i18n'
import { useSession } from '@/app/session'
import AlarmedMonitors from './AlarmedMonitors.vue'
import { monitorsOf } from './useAlarmed'

enableAutoUnmount(afterEach)

const alert = (monitor: string, more: Partial<Alert> = {}): Alert =>
  ({
    id: `${monitor}-${more.opened_at ?? ''}`,
    monitor_id: monitor,
    monitor,
    level: 'critical',
    opened_at: '2026-11-22T06:30:00Z',
    recovered_at: null,
    reason: '连接被拒绝',
    ...more,
  }) as Alert

describe('the monitors of a ticket', () => {
  it('are each named once, by the newest alert', () => {
    const again = alert('a', { opened_at: '2026-11-22T08:00:00Z' })
    expect(monitorsOf([again, alert('b'), alert('a')])).toEqual([again, alert('b')])
  })
  it('begin with what is still wrong, the worse first', () => {
    const recovered = alert('r', { recovered_at: '2026-11-22T07:00:00Z' })
    const list = [recovered, alert('w', { level: 'warning' }), alert('c')]
    expect(monitorsOf(list).map((a) => a.monitor)).toEqual(['c', 'w', 'r'])
  })
})

describe('the block on the page', () => {
  const get = vi.spyOn(api, 'get')
  beforeEach(() => setActivePinia(createPinia()))
  afterEach(() => get.mockReset())

  const found = { items: Array.from({ length: 8 }, (_, n) => alert(`网站 ${n}`)), next: null }
  async function block(channel: string, permissions: Permission[], answer: Promise<unknown> = Promise.resolve(found)) {
    get.mockReturnValue(answer as never)
    useSession().session = { permissions } as never
    const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
    const router = createRouter({
      history: createMemoryHistory(),
      routes: [{ path: '/:rest(.*)*', component: { template: '<i/>' } }],
    })
    const wrapper = mount(AlarmedMonitors, {
      props: { ticket: { id: 't-1', channel } as TicketDetail },
      global: { plugins: [router, i18n, [VueQueryPlugin, { queryClient }]], stubs: { LevelDot: true, TimeText: true } },
    })
    await flushPromises()
    return wrapper
  }

  it('shows the first, counts all and leads to the alerts of the ticket', async () => {
    const wrapper = await block('monitor', ['monitor.read'])
    expect(wrapper.findAll('li')).toHaveLength(6)
    expect(wrapper.find('h2').text()).toMatch(/涉及的监控\s*8/)
    expect(wrapper.find('.all').attributes('href')).toBe('/alerts?open=&ticket=t-1')
    expect(wrapper.find('li a').attributes('href')).toBe('/monitors/网站 0')
    expect(wrapper.text()).toContain('另有 2 个')
  })
  it('says that it is reading, and when it could not', async () => {
    const reading = await block('monitor', ['monitor.read'], new Promise(() => {}))
    expect(reading.findComponent({ name: 'Skeleton' }).exists()).toBe(true)
    const failed = await block('monitor', ['monitor.read'], Promise.reject(new Problem(500)))
    expect(failed.find('[role="alert"]').exists()).toBe(true)
  })
  it.each<[string, Permission]>([
    ['monitor', 'ticket.read'],
    ['phone', 'monitor.read'],
  ])('is not there on a ticket from %s for who has %s', async (channel, permission) => {
    expect((await block(channel, [permission])).find('section').exists()).toBe(false)
    expect(get).not.toHaveBeenCalled()
  })
})
