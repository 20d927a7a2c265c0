import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { reactive } from 'vue'
import SettingInput from './SettingInput.vue'
import { i18n } from '@/app/i18n'

it('leaves a list alone while it is typed, and takes it all the same', async () => {
  const config = reactive<Record<string, unknown>>({ headers: { A: 'b' } })
  const wrapper = mount(SettingInput, {
    props: { modelValue: config, field: { key: 'headers', type: 'headers' }, label: 'headers' },
    global: { plugins: [i18n] },
  })
  const area = wrapper.get('textarea')
  await area.setValue('A: b\nAuthor')
  expect(area.element.value).toBe('A: b\nAuthor')
  await area.setValue('A: b\nAuthorization:  Bearer x')
  expect(config.headers).toEqual({ A: 'b', Authorization: 'Bearer x' })
  await area.trigger('blur')
  expect(area.element.value).toBe('A: b\nAuthorization: Bearer x')
})
