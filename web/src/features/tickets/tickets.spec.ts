import { describe, expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import type { Clock, FieldDef } from '@/api/types'
import { nextClock, shareOf } from './clocks'
import { valueText } from './labels'
import { proposedLevel } from './process'
import { looksLikePhone } from './useCaller'
import { clean, titleless, withTitle } from './useIntake'

const clock = (more: Partial<Clock>): Clock => ({
  target: 'resolve',
  name: '解决',
  cycle: 1,
  started_at: '2026-11-22T08:00:00Z',
  promised_due_at: '2026-11-22T12:00:00Z',
  due_at: '2026-11-22T12:00:00Z',
  stopped_at: null,
  state: 'running',
  remaining_seconds: 7200,
  elapsed_seconds: 7200,
  duration_seconds: 14400,
  counted: true,
  negotiated: null,
  calendar: '7×24 小时',
  ...more,
})

describe('the next promise', () => {
  it('is the running one that falls due first', () => {
    const list = [
      clock({ target: 'b', due_at: '2026-11-22T11:00:00Z' }),
      clock({ target: 'a', due_at: '2026-11-22T10:00:00Z' }),
      clock({ target: 'met', state: 'met', stopped_at: '2026-11-22T08:05:00Z', due_at: '2026-11-22T08:10:00Z' }),
    ]
    expect(nextClock(list)?.target).toBe('a')
  })
  it('is a paused one only when nothing runs', () => {
    const paused = clock({ target: 'p', state: 'paused', due_at: '2026-11-22T09:00:00Z' })
    expect(nextClock([paused, clock({ target: 'r' })])?.target).toBe('r')
    expect(nextClock([paused])?.target).toBe('p')
  })
  it('stays in view when it is broken but not yet kept', () =>
    expect(nextClock([clock({ state: 'breached' })])?.state).toBe('breached'))
  it('is none when all are settled', () =>
    expect(nextClock([clock({ state: 'cancelled', stopped_at: '2026-11-22T09:00:00Z' })])).toBeUndefined())
  it('fills up between start and deadline', () => {
    expect(shareOf(clock({}), Date.parse('2026-11-22T10:00:00Z'))).toBe(0.5)
    expect(shareOf(clock({}), Date.parse('2026-11-23T10:00:00Z'))).toBe(1)
    expect(shareOf(clock({ state: 'paused', remaining_seconds: 3600 }), 0)).toBe(0.75)
  })
})

describe('a field in words', () => {
  const def: FieldDef = { key: 'impact', label: '影响度', kind: 'scale', options: [{ value: 1, label: '高' }] }
  it('is the option, the name, the time, yes or no', () => {
    expect(valueText(def, 1)).toBe('高')
    expect(valueText(def, '1')).toBe('高')
    expect(valueText({ ...def, options: [] }, 'u-1', { 'u-1': '张伟' })).toBe('张伟')
    expect(valueText(def, '2026-11-22T06:30:00Z')).toBe('2026-11-22 14:30')
    expect(valueText(def, false)).toBe('否')
    expect(valueText(def, null)).toBe('')
  })
})

describe('registering a call', () => {
  it('knows a number from a name', () => {
    expect(['0551-62601234', '+86 139 5510', '张三', '12楼'].map(looksLikePhone)).toEqual([true, true, false, false])
  })
  it('makes the first sentence the title', () => {
    expect(withTitle({ description: '门户打不开。上午开始' }).title).toBe('门户打不开')
    expect(withTitle({ title: '已有', description: 'x' }).title).toBe('已有')
    expect((withTitle({ description: '长'.repeat(80) }).title as string).length).toBe(60)
  })
  it('asks once for the description, of which the title is made', () => {
    const missing = (...fields: string[]) =>
      new Problem(422, {
        errors: fields.map((field) => ({ field: `fields.${field}`, code: 'required', message: '必填' })),
      })
    const told = (problem: Problem) => (titleless(problem) as Problem).errors.map((e) => e.field)
    expect(told(missing('title', 'description', 'unit_id'))).toEqual(['fields.description', 'fields.unit_id'])
    expect(told(missing('title'))).toEqual(['fields.title'])
  })
  it('sends only what was given', () =>
    expect(clean({ a: '', b: null, c: 0, d: false, e: 'x' })).toEqual({ c: 0, d: false, e: 'x' }))
})

describe('the level that is proposed', () => {
  const level = (key: string, priorities: number[], kinds: { types: string[]; categories: string[] }[] = []) => ({
    key,
    name: key,
    definition: '',
    priorities,
    kinds,
  })
  const levels = [
    level('重大', [1, 2]),
    level('一般', [3, 4, 5]),
    level('操作类', [], [{ types: ['consult'], categories: [] }]),
    level('数据类', [], [{ types: [], categories: ['data'] }]),
  ]
  it('names the ticket most closely', () => {
    expect(proposedLevel(levels, { type: 'fault', category: 'website', priority: 2 })).toBe('重大')
    expect(proposedLevel(levels, { type: 'consult', category: 'website', priority: 2 })).toBe('操作类')
    expect(proposedLevel(levels, { type: 'consult', category: 'data', priority: 2 })).toBe('数据类')
    expect(proposedLevel(levels, { type: 'fault', category: null, priority: null })).toBeNull()
  })
})
