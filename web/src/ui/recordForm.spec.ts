import { VueQueryPlugin } from '@tanstack/vue-query'
import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { api } from '@/api/client'
import { useRecordForm, type RecordFormOptions } from './recordForm'

interface Row {
  id: string
  version: number
  name: string
}
type Options = RecordFormOptions<Row, { name: string }>

enableAutoUnmount(afterEach)

function formOf(more: Partial<Options> = {}) {
  const options: Options = {
    ...{ path: '/units', topic: 'unit', blank: () => ({ name: '' }), from: ({ name }) => ({ name }) },
    ...more,
  }
  let made!: ReturnType<typeof useRecordForm<Row, { name: string }>>
  const page = defineComponent({
    setup() {
      made = useRecordForm(options)
      return () => null
    },
  })
  mount(page, { global: { plugins: [VueQueryPlugin] } })
  return made
}

describe('a dialog for one record', () => {
  const post = vi.spyOn(api, 'post')
  const put = vi.spyOn(api, 'put')
  beforeEach(() => {
    post.mockReset().mockResolvedValue({ password: 'x' })
    put.mockReset().mockResolvedValue({})
  })

  it('creates, whether or not somebody waits for the answer', async () => {
    const { form, edit, send, open } = formOf()
    edit(null)
    form.values.name = '信息中心'
    expect(await send()).toBe(true)
    expect(post).toHaveBeenCalledWith('/units', { name: '信息中心' }, expect.anything())
    expect(open.value).toBe(false)
  })
  it('hands the answer on', async () => {
    const created = vi.fn()
    const { edit, send } = formOf({ created })
    edit(null)
    await send()
    expect(created).toHaveBeenCalledWith({ password: 'x' })
  })
  it('changes the version that was looked at', async () => {
    const { edit, send } = formOf()
    edit({ id: 'u-1', version: 3, name: '大厅' })
    await send()
    expect(put).toHaveBeenCalledWith('/units/{id}', { name: '大厅' }, { path: { id: 'u-1' }, version: 3 })
    expect(post).not.toHaveBeenCalled()
  })
})
