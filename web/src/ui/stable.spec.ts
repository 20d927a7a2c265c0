import { describe, expect, it } from 'vitest'
import { nextTick, ref } from 'vue'
import { useStableRows } from './stable'

interface Row {
  id: string
  version: number
}
const row = (id: string, version = 1): Row => ({ id, version })
function table() {
  const incoming = ref<Row[]>([row('a'), row('b')])
  const held = ref(false)
  const stable = useStableRows(incoming, held, (r) => r.version)
  const arrive = (rows: Row[], fresh = false) => {
    incoming.value = rows
    stable.receive(rows, fresh)
  }
  return { ...stable, held, arrive, ids: () => stable.shown.value.map((r) => `${r.id}${r.version}`) }
}

describe('rows that change by themselves', () => {
  it('are taken at once when nobody is on the list', () => {
    const it = table()
    it.arrive([row('c'), row('a', 2)])
    expect(it.ids()).toEqual(['c1', 'a2'])
    expect([...it.glowing.value]).toEqual(['a'])
  })
  it('never move under the hand: known rows change in place, newcomers wait', async () => {
    const it = table()
    it.held.value = true
    await nextTick()
    it.arrive([row('c'), row('b', 2), row('a')])
    expect(it.ids()).toEqual(['a1', 'b2'])
    expect(it.waiting.value).toBe(1)
    it.held.value = false
    await nextTick()
    expect(it.ids()).toEqual(['c1', 'b2', 'a1'])
  })
  it('are shown when asked for', () => {
    const it = table()
    it.held.value = true
    it.arrive([row('c')])
    it.settle()
    expect(it.ids()).toEqual(['c1'])
    expect(it.waiting.value).toBe(0)
  })
  it('are not held back when the person asked for other rows', () => {
    const it = table()
    it.held.value = true
    it.arrive([row('z')], true)
    expect(it.ids()).toEqual(['z1'])
    expect(it.glowing.value.size).toBe(0)
  })
})
