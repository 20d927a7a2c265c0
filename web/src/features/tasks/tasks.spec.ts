import { describe, expect, it } from 'vitest'
import type { Task } from '@/api/types'
import { bodyOf, doerOf } from './useTasks'

const task = (who: Partial<Task>) => ({ assignee: null, group: null, supplier: null, role: null, ...who }) as Task

describe('tasks', () => {
  it('sends of person, group and supplier only the one that was chosen', () => {
    const given = { title: '核对日志', assignee_id: 'a', group_id: 'g', supplier_id: 's', due_at: null }
    expect(bodyOf({ ...given, doer: 'person' })).toEqual({ title: '核对日志', due_at: null, assignee_id: 'a' })
    expect(bodyOf({ ...given, doer: 'group' })).toEqual({ title: '核对日志', due_at: null, group_id: 'g' })
    expect(bodyOf({ ...given, doer: 'supplier' })).toEqual({ title: '核对日志', due_at: null, supplier_id: 's' })
  })
  it('names whoever does it', () => {
    expect(doerOf(task({ assignee: { id: '1', name: '李伟' } }))).toBe('李伟')
    expect(doerOf(task({ supplier: { id: '2', name: '恒远服务器' } }))).toBe('恒远服务器')
    expect(doerOf(task({ role: { key: 'service_desk', name: '服务台值班' } }))).toBe('服务台值班')
    expect(doerOf(task({}))).toBe('')
  })
})
