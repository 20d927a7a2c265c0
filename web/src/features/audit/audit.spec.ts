import { describe, expect, it } from 'vitest'
import { actionWord } from './words'

describe('what was done', () => {
  it('is said in words, and as it is when there are none', () => {
    expect(actionWord('session.create')).toBe('登录')
    expect(actionWord('unit.update')).toBe('修改单位')
    expect(actionWord('ticket.accept', { accept: '受理' })).toBe('受理')
    expect(actionWord('ticket.accept')).toBe('ticket.accept')
    expect(actionWord('project.stage.create')).toBe('新建阶段')
    expect(actionWord('ticket.sla.breach')).toBe('时限超时')
    expect(actionWord('something.odd')).toBe('something.odd')
  })
})
