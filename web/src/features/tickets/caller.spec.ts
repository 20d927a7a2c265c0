import { VueQueryPlugin } from '@tanstack/vue-query'
import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import { api } from '@/api/client'
import { i18n } from '@/app/i18n'
import CallerPicker from './CallerPicker.vue'
import { useCaller } from './useCaller'

enableAutoUnmount(afterEach)
const person = (phone: string) => ({ id: phone, name: `号码 ${phone}`, phone, projects: [] })

describe('who is taken with Enter', () => {
  const answers = new Map<string, () => void>()
  const get = vi.spyOn(api, 'get')
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    answers.clear()
    get.mockImplementation((_, options) => {
      const phone = String(options?.query?.phone)
      return new Promise((done) => answers.set(phone, () => done({ contacts: [person(phone)], recent: [] } as never)))
    })
  })
  afterEach(() => {
    vi.useRealTimers()
    get.mockReset()
  })

  function desk() {
    const taken: unknown[] = []
    const Desk = defineComponent(() => {
      const words = ref('')
      const { lookup, find } = useCaller(words)
      return () =>
        h(CallerPicker, {
          ...{ modelValue: words.value, 'onUpdate:modelValue': (text: string) => (words.value = text) },
          ...{ contacts: lookup.data.value?.contacts ?? [], recent: [], known: null, find },
          ...{ searching: lookup.isFetching.value, asked: lookup.isFetched.value },
          onTake: (contact: { phone: string }) => taken.push(contact.phone),
          onTyped: () => taken.push('as typed'),
        })
    })
    const input = mount(Desk, { global: { plugins: [i18n, VueQueryPlugin] } }).get('input')
    const press = (key: string) => input.trigger('keydown', { key })
    const pause = () => vi.advanceTimersByTimeAsync(500)
    const answer = async (phone: string) => {
      answers.get(phone)!()
      await pause()
      await flushPromises()
    }
    return { taken, input, press, pause, answer }
  }

  it('is the one whose number is typed, not the one that was shown for another', async () => {
    const { taken, input, press, pause, answer } = desk()
    await input.setValue('6260')
    await pause()
    await answer('6260')
    await input.setValue('1037')
    await press('Enter')
    expect(taken).toEqual([])
    await answer('1037')
    expect(taken).toEqual(['1037'])
  })
  it('is known although the answer was not there yet', async () => {
    const { taken, input, press, answer } = desk()
    await input.setValue('6261')
    await press('Enter')
    await answer('6261')
    expect(taken).toEqual(['6261'])
  })
  it('is nobody when the number is changed before the answer comes', async () => {
    const { taken, input, press, answer } = desk()
    await input.setValue('6262')
    await press('Enter')
    await input.setValue('62627')
    await answer('6262')
    expect(taken).toEqual([])
  })
})
