import { describe, expect, it } from 'vitest'
import { faultAt, setAt, textOf, valueAt, valueOf } from './setting'

describe('a value within a configuration', () => {
  it('is read and written where it stands', () => {
    const config: Record<string, unknown> = { road: { proxy: 'a' } }
    setAt(config, 'road.proxy', 'b')
    setAt(config, 'tls.ca_pem', 'c')
    expect(config).toEqual({ road: { proxy: 'b' }, tls: { ca_pem: 'c' } })
    expect([valueAt(config, 'road.proxy'), valueAt(config, 'rule.kinds')]).toEqual(['b', undefined])
  })
  it('is told its fault and those within it, not those of its neighbours', () => {
    const errors = { 'config.hosts': 'no', 'config.status[0]': 'wrong' }
    expect(faultAt(errors, 'config.status')).toBe('wrong')
    expect(faultAt(errors, 'config.host')).toBeUndefined()
  })
})

describe('what is typed as a line', () => {
  it.each([
    ['list', '13800000000，@all', ['13800000000', '@all']],
    ['numbers', '200, 202 2xx', [200, 202, '2xx']],
    ['escaped', 'QUIT\\r\\n\\\\n', 'QUIT\r\n\\n'],
    ['lines', ' a b \n\nc', ['a b', 'c']],
    ['headers', 'X-App: a:b\n\nAccept：*/*', { 'X-App': 'a:b', Accept: '*/*' }],
  ] as const)('%s', (type, text, value) => {
    expect(valueOf(type, text)).toEqual(value)
    expect(valueOf(type, textOf(type, value))).toEqual(value)
  })
})
