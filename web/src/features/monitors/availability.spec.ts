import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils'
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
    global: { plugins: [i18n, [VueQueryPlugin, { queryClient }]] },
  })
  await flushPromises()
  return wrapper
}

it.each([true, false])('says that it is reading, as a tile: %s', async (tile) => {
  expect((await box(new Promise(() => {}), tile)).html()).toContain('正在读取')
})
it.each([true, false])('offers another try when it could not be read, as a tile: %s', async (tile) => {
  const failed = await box(Promise.reject(new Problem(500)), tile)
  expect(failed.text()).toContain('没能读取这些内容')
  get.mockResolvedValue({ ratio: 1, down_seconds: 0, outages: [], excluded: [] } as never)
  await failed.get('button').trigger('click')
  await flushPromises()
  expect(failed.text()).not.toContain('没能读取这些内容')
})
