import { describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import { Problem } from '@/api/problem'
import { useForm } from './form'

const inScope = <T>(run: () => T): T => effectScope().run(run)!

describe('a form', () => {
  it('puts what the server refused beside the fields and on top', async () => {
    const form = inScope(() =>
      useForm({
        initial: () => ({ title: '' }),
        send: () =>
          Promise.reject(
            new Problem(422, {
              code: 'invalid',
              errors: [{ field: 'fields.title', code: 'required', message: '必须填写' }],
            }),
          ),
      }),
    )
    expect(await form.submit()).toBe(false)
    expect(form.errors).toEqual({ title: '必须填写' })
    expect(form.problem.value?.code).toBe('invalid')
  })
  it('names all that is missing at once, before anything is sent', async () => {
    const send = vi.fn()
    const initial = () => ({ name: '', unit: null as string | null, note: '' })
    const form = inScope(() => useForm({ initial, required: ['name', 'unit'], send }))
    expect(await form.submit()).toBe(false)
    expect(form.errors).toEqual({ name: '必填', unit: '必填' })
    expect(send).not.toHaveBeenCalled()
  })
  it('does not send twice', async () => {
    const send = vi.fn(() => new Promise<void>((done) => setTimeout(done, 5)))
    const form = inScope(() => useForm({ initial: () => ({}), send }))
    await Promise.all([form.submit(), form.submit()])
    expect(send).toHaveBeenCalledTimes(1)
  })
  it('keeps a draft over a reload and drops it once sent', async () => {
    vi.useFakeTimers()
    const open = () =>
      inScope(() => useForm({ initial: () => ({ text: '' }), draft: 'x', send: () => Promise.resolve() }))
    const first = open()
    first.values.text = '写了一半'
    await nextTick()
    vi.advanceTimersByTime(300)
    const second = open()
    expect(second.values.text).toBe('写了一半')
    expect(second.restored.value).toBe(true)
    await second.submit()
    expect(open().restored.value).toBe(false)
    vi.useRealTimers()
  })
  it('keeps what was typed when sending fails', async () => {
    const form = inScope(() =>
      useForm({ initial: () => ({ text: 'a' }), send: () => Promise.reject(new Error('line down')) }),
    )
    form.values.text = 'b'
    await form.submit()
    expect(form.values.text).toBe('b')
    expect(form.problem.value?.code).toBe('offline')
  })
})
