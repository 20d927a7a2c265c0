import { describe, expect, it } from 'vitest'
import { blankMonitor, formatMs, formatRatio, METRICS, tidy, usualRule } from './model'

describe('availability in figures', () => {
  it('is never rounded up to the promise', () => {
    expect(formatRatio(0.99861)).toBe('99.861%')
    expect(formatRatio(0.999999)).toBe('99.999%')
    expect(formatRatio(1)).toBe('100%')
    expect(formatRatio(null)).toBe('—')
  })
})
describe('times in figures', () => {
  it.each([[0, '0'], [3.42, '3.4 ms'], [42.4, '42 ms'], [1234, '1234 ms'], [12_345, '12.3 s'], [null, '—']])('%s is %s', (ms, words) => expect(formatMs(ms as number)).toBe(words))
})
describe('a new monitor', () => {
  it('has a rule that only speaks of what its kind measures', () => {
    for (const kind of ['http', 'tcp', 'icmp', 'dns'] as const) {
      for (const condition of usualRule(kind).conditions) if (condition.when.kind !== 'down') expect(METRICS[kind]).toContain(condition.when.metric)
    }
  })
  it('sends nothing that was left empty', () => {
    const sent = tidy({ ...blankMonitor('p'), name: ' 门户 ', config: { url: 'http://a', contains: [], connect_to: '' } })
    expect(sent.name).toBe('门户')
    expect(sent.config).toEqual({ url: 'http://a' })
  })
})
