import { describe, expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import { wordsFor } from './feedback'

describe('what went wrong', () => {
  it('is the server’s own words, with moments as on the wall', () => {
    const locked = new Problem(423, { code: 'locked', title: '账号已锁定至 2026-11-27T13:37:51.442207Z' })
    expect(wordsFor(locked)).toBe('账号已锁定至 2026-11-27 21:37')
  })
  it('is ours when it had none', () => {
    expect(wordsFor(new Problem(0, { code: 'offline' }))).toMatch(/连接不上服务器/)
    expect(wordsFor(new Problem(502, {}))).toMatch(/服务器出了差错/)
    expect(wordsFor(new Problem(418, {}))).toMatch(/418/)
  })
})
