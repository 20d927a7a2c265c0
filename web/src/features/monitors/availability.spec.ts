import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { enableAutoUnmount, flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import { i18n } from '@/app/i18n'
import AvailabilityBox from './AvailabilityBox.vue'

enableAutoUnmount(afterEach)
const get = vi.spyOn(api, 'get')

async function box(answer: Promise<unknown>, tile: boolean) {
  get.mockReturnValue(answer as never)
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const wrapper = mount(AvailabilityBox, {
    props: { id: 'm', span: { from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' }, tile },
    global: { plugins: [i18n, [VueQueryPlugin, { queryClient }]], stubs: { RouterLink: RouterLinkStub } },
  })
  await flushPromises()
  return wrapper
}

/** A system of one check, or of several: down for an hour of a month with thirty days. */
function told(checks = 1) {
  const figure = {
    ratio: 0.99861,
    total_seconds: 2_592_000,
    counted_seconds: 2_592_000,
    down_seconds: 3600,
    excluded: [],
    outages: [],
    not_counted: [{ began_at: '2026-11-21T01:00:00Z', ended_at: '2026-11-21T02:00:00Z', counted_seconds: 0 }],
  }
  const names = ['首页', '端口', '主机'].slice(0, checks)
  return {
    name: '门户',
    promised: 999_900,
    kept: false,
    ...figure,
    checks: names.map((name, n) => ({
      monitor_id: n ? `m${n}` : 'm',
      name,
      kind: 'http',
      target: 'http://a',
      counts: n < 2,
      ...figure,
    })),
  }
}

it.each([true, false])('says that it is reading, as a tile: %s', async (tile) => {
  expect((await box(new Promise(() => {}), tile)).html()).toContain('正在读取')
})
it.each([true, false])('offers another try when it could not be read, as a tile: %s', async (tile) => {
  const failed = await box(Promise.reject(new Problem(500)), tile)
  expect(failed.text()).toContain('没能读取这些内容')
  get.mockResolvedValue(told() as never)
  await failed.get('button').trigger('click')
  await flushPromises()
  expect(failed.text()).not.toContain('没能读取这些内容')
})

it('shows the system with its checks beneath, and what does not count apart', async () => {
  const text = (await box(Promise.resolve(told(3)), false)).text()
  for (const word of ['系统：门户', '99.861%', '承诺 99.99%', '端口', '主机', '不计入可用率', '不计的中断'])
    expect(text).toContain(word)
  expect((await box(Promise.resolve(told()), false)).text()).not.toContain('系统：门户')
})
it('holds the figure against the promise of the contract', async () => {
  const low = async (promised: number) =>
    (await box(Promise.resolve({ ...told(), promised }), true)).find('b').classes().includes('low')
  expect(await low(999_900)).toBe(true)
  expect(await low(998_000)).toBe(false)
})
