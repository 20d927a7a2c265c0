import { afterEach, describe, expect, it } from 'vitest'
import { t } from './i18n'
import {
  formatDuration,
  formatInstant,
  formatRelative,
  formatShort,
  fromWall,
  noteServerDate,
  serverNow,
  setZone,
  todayIn,
  toWall,
  urgencyOf,
  wallToInstant,
} from './time'

afterEach(() => {
  setZone('Asia/Shanghai')
  noteServerDate(new Date().toUTCString())
})

describe('instants', () => {
  it('are shown on the wall clock of the project, wherever the browser stands', () => {
    expect(formatInstant('2026-11-22T06:30:00Z')).toBe('2026-11-22 14:30')
    expect(formatInstant('2026-12-31T16:00:05Z', true)).toBe('2027-01-01 00:00:05')
    expect(todayIn(Date.parse('2026-12-31T16:00:00Z'))).toBe('2027-01-01')
  })
  it('are nothing when there is nothing', () => {
    expect([formatInstant(null), formatInstant('x'), formatShort(undefined)]).toEqual(['', '', ''])
  })
  it('leave out what the day already says', () => {
    const now = Date.parse('2026-11-22T08:00:00Z')
    expect(formatShort('2026-11-22T01:05:00Z', now)).toBe('09:05')
    expect(formatShort('2026-11-20T01:05:00Z', now)).toBe('11-20 09:05')
    expect(formatShort('2025-11-20T01:05:00Z', now)).toBe('2025-11-20')
  })
  it('come back from the wall clock', () => {
    expect(wallToInstant('2026-11-22 14:30')).toBe('2026-11-22T06:30:00Z')
    expect(wallToInstant('not a time')).toBeNull()
    setZone('Europe/Berlin')
    expect(wallToInstant('2026-07-01 12:00')).toBe('2026-07-01T10:00:00Z')
    expect(wallToInstant('2026-01-01 12:00')).toBe('2026-01-01T11:00:00Z')
    expect(fromWall(toWall(Date.parse('2026-07-01T10:00:00Z')))).toBe(Date.parse('2026-07-01T10:00:00Z'))
  })
  it('are reckoned by the server clock when the desk clock is wrong', () => {
    noteServerDate(new Date(Date.now() + 3600_000).toUTCString())
    expect(serverNow() - Date.now()).toBeGreaterThan(3590_000)
    noteServerDate(new Date(Date.now() + 900).toUTCString())
    expect(Math.abs(serverNow() - Date.now())).toBeLessThan(50)
  })
})

describe('durations', () => {
  it.each([
    [45, '45 秒'],
    [90, '1 分'],
    [3600, '1 小时'],
    [4800, '1 小时 20 分'],
    [86400, '1 天'],
    [93600, '1 天 2 小时'],
    [-2100, '35 分'],
    [40 * 86400 + 3600, '40 天'],
  ])('%i s is %s', (seconds, words) => {
    expect(formatDuration(seconds, t)).toBe(words)
  })
  it('are told from now', () => {
    const now = Date.parse('2026-11-22T08:00:00Z')
    expect(formatRelative('2026-11-22T07:00:00Z', t, now)).toBe('1 小时前')
    expect(formatRelative('2026-11-22T08:30:00Z', t, now)).toBe('30 分后')
    expect(formatRelative('2026-11-22T08:00:10Z', t, now)).toBe('刚刚')
  })
})

describe('urgency', () => {
  it('is late below zero, soon in the last half hour or quarter, never in the first half', () => {
    expect(urgencyOf(-1, 3600)).toBe('late')
    expect(urgencyOf(1700)).toBe('soon')
    expect(urgencyOf(7200, 36000)).toBe('soon')
    expect(urgencyOf(500, 600)).toBe('fine')
    expect(urgencyOf(200, 600)).toBe('soon')
    expect(urgencyOf(20000, 36000)).toBe('fine')
  })
})
