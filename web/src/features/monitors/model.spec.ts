import { describe, expect, it } from 'vitest'
import { reactive } from 'vue'
import { eventName, eventReason, logText, phasesOf, withGaps } from './outcome'
import {
  blankMonitor,
  budgetTone,
  formatMs,
  formatPromise,
  formatRatio,
  keeps,
  inputOf,
  METRICS,
  tidy,
  usualRule,
} from './model'

describe('availability in figures', () => {
  it('is never rounded up to the promise', () => {
    expect(formatRatio(0.99861)).toBe('99.861%')
    expect(formatRatio(0.999999)).toBe('99.999%')
    expect(formatRatio(1)).toBe('100%')
    expect(formatRatio(null)).toBe('—')
  })
})
describe('a promise of the contract', () => {
  it('is written with as many places as it has', () => {
    expect(formatPromise(999_900)).toBe('99.99%')
    expect(formatPromise(999_950)).toBe('99.995%')
    expect(formatPromise(999_999)).toBe('99.9999%')
  })
  it('is compared without rounding', () => {
    expect(keeps({ counted_seconds: 1_000_000, down_seconds: 100 }, 999_900)).toBe(true)
    expect(keeps({ counted_seconds: 1_000_000, down_seconds: 101 }, 999_900)).toBe(false)
    expect(keeps({ counted_seconds: 0, down_seconds: 0 }, 999_900)).toBe(true)
  })
  it('turns amber at four fifths of the budget and red beyond it', () => {
    expect([79, 80, 100, 101].map((used) => budgetTone(used, 100))).toEqual(['green', 'amber', 'amber', 'red'])
  })
})
describe('times in figures', () => {
  it.each([
    [0, '0'],
    [3.42, '3.4 ms'],
    [42.4, '42 ms'],
    [1234, '1234 ms'],
    [12_345, '12.3 s'],
    [null, '—'],
  ])('%s is %s', (ms, words) => expect(formatMs(ms as number)).toBe(words))
})
describe('a monitor that is changed', () => {
  it('is copied from what the cache holds, which Vue has wrapped', () => {
    const held = reactive({
      ...blankMonitor('p'),
      id: 'm',
      project: { id: 'p', code: 'P', name: 'P' },
      config: { url: 'http://a', contains: ['x'] },
    })
    const input = inputOf(held as never)
    ;(input.config.contains as string[]).push('y')
    expect(held.config.contains).toEqual(['x'])
    expect(input.project_id).toBe('p')
  })
})
describe('a new monitor', () => {
  it('has a rule that only speaks of what its kind measures', () => {
    for (const kind of ['http', 'tcp', 'icmp', 'dns'] as const) {
      for (const condition of usualRule(kind).conditions)
        if (condition.when.kind !== 'down') expect(METRICS[kind]).toContain(condition.when.metric)
    }
  })
  it('sends nothing that was left empty', () => {
    const sent = tidy({
      ...blankMonitor('p'),
      name: ' 门户 ',
      config: { url: 'http://a', contains: [], connect_to: '' },
    })
    expect(sent.name).toBe('门户')
    expect(sent.config).toEqual({ url: 'http://a' })
  })
})

describe('the line of a chart', () => {
  it('breaks where nothing was measured', () => {
    const points = withGaps(
      [
        [0, 1, 1, 1],
        [60_000, 2, 2, 2],
        [300_000, 3, 3, 3],
      ],
      60,
    )
    expect(points.map((p) => p[1])).toEqual([1, 2, null, 3])
    expect(points[2]![0]).toBe(120_000)
  })
})

describe('what the prober found, in words', () => {
  it('is told step by step', () => {
    expect(logText({ at_us: 6400, step: 'resolved', name: 'a.cn', addresses: ['203.0.113.1', '203.0.113.2'] })).toBe(
      '     6.4 ms  解析 a.cn → 203.0.113.1, 203.0.113.2',
    )
    expect(logText({ at_us: 0, step: 'certificate_problem', problem: 'expired', tolerated: false })).toContain('已过期')
    expect(logText({ at_us: 0, step: 'something_new', value: 7 })).toContain('something_new 7')
  })
  it('names events and their reasons', () => {
    const detail = {
      event: 'opened',
      level: 'critical',
      reason: { kind: 'above', metric: 'response_ms', value: 4100, limit: 3000 },
    }
    expect(eventName('opened', detail)).toBe('告警开始')
    expect(eventReason(detail)).toBe('响应时间 4100 ms，高于 3000 ms')
    expect(eventReason({ reason: { kind: 'down', code: 'connect_refused' } })).toBe('拒绝连接')
    expect(eventReason({ reason: { kind: 'suppressed' }, because: ['parent_down', 'flapping'] })).toBe(
      '上级已告警、状态抖动中',
    )
  })
  it('shows phases in milliseconds', () =>
    expect(phasesOf({ phases: { dns_us: 6000, total_us: 9000 } })).toEqual([{ name: 'dns', ms: 6 }]))
})
