import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { createRouter, createMemoryHistory } from 'vue-router'
import { i18n } from '@/app/i18n'
import { isPhone } from '@/app/phone'
import DataTable from './DataTable.vue'

interface Row {
  id: string
  name: string
  size: number
}
const rows: Row[] = [
  { id: 'a', name: '一', size: 1 },
  { id: 'b', name: '二', size: 2 },
  { id: 'c', name: '三', size: 3 },
]
const columns = [
  { key: 'name', title: '名称', fixed: true },
  { key: 'size', title: '大小', sort: ['-size', 'size'] },
  { key: 'more', title: '其他', hidden: true },
]

function table(more: Record<string, unknown> = {}) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component: { template: '<i/>' } }],
  })
  const wrapper = mount(DataTable<Row>, {
    props: { name: 'test', label: '表', columns, rows, to: (row: Row) => `/rows/${row.id}`, ...more } as never,
    global: { plugins: [router, i18n] },
    attachTo: document.body,
  })
  return { wrapper, router }
}
afterEach(() => {
  isPhone.value = false
  document.body.innerHTML = ''
})

describe('a table', () => {
  it('is walked with the arrow keys', async () => {
    const { wrapper } = table()
    const links = wrapper.findAll<HTMLElement>('[data-row]')
    links[0]!.element.focus()
    await wrapper.find('.scroll').trigger('keydown', { key: 'ArrowDown' })
    expect(document.activeElement).toBe(links[1]!.element)
    await wrapper.find('.scroll').trigger('keydown', { key: 'End' })
    expect(document.activeElement).toBe(links[2]!.element)
    await wrapper.find('.scroll').trigger('keydown', { key: 'k' })
    expect(document.activeElement).toBe(links[1]!.element)
  })
  it('opens a row where it is clicked, but not where something in it was meant', async () => {
    const { wrapper, router } = table({ selectable: true })
    await wrapper.findAll('tbody tr')[1]!.findAll('td')[2]!.trigger('click')
    await router.isReady()
    await nextTick()
    expect(router.currentRoute.value.path).toBe('/rows/b')
    expect(wrapper.emitted('open')).toHaveLength(1)
    await wrapper.findAll('tbody tr')[0]!.find('input').trigger('click')
    expect(wrapper.emitted('open')).toHaveLength(1)
  })
  it('goes through the sorts the server knows, and no others', async () => {
    const { wrapper } = table({ sort: undefined })
    const heading = wrapper.find('th .sort')
    await heading.trigger('click')
    await wrapper.setProps({ sort: '-size' } as never)
    await heading.trigger('click')
    await wrapper.setProps({ sort: 'size' } as never)
    await heading.trigger('click')
    expect(wrapper.emitted('update:sort')?.map(([v]) => v)).toEqual(['-size', 'size', '-size'])
    expect(wrapper.findAll('th')[1]!.attributes('aria-sort')).toBe('descending')
  })
  it('shows what is missing as missing, hides columns not chosen, becomes cards on a phone', async () => {
    const { wrapper } = table()
    expect(wrapper.findAll('th').map((h) => h.text())).toEqual(['名称', '大小', ''])
    isPhone.value = true
    await nextTick()
    expect(wrapper.findAll('li.card')).toHaveLength(3)
  })
  it('keeps rows on screen when a refresh fails', () => {
    const { wrapper } = table({ error: new Error('x') })
    expect(wrapper.findAll('tbody tr')).toHaveLength(3)
    expect(
      table({ error: new Error('x'), rows: [] })
        .wrapper.find('[role="alert"]')
        .exists(),
    ).toBe(true)
  })
})
