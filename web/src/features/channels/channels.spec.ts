import { describe, expect, it } from 'vitest'
import { CHANNEL_KINDS, channelWrite, usualChannel } from './kinds'

describe('a channel as it is sent', () => {
  it('leaves out what was not typed, so that a stored secret stays', () => {
    const sent = channelWrite({ name: 'x', config: { host: 'mail', user: '' }, secret: { password: '' } })
    expect(sent).toEqual({ name: 'x', config: { host: 'mail' }, secret: {} })
  })
  it('begins with the usual values of its kind', () => {
    expect(usualChannel('smtp')).toEqual({ port: 465, tls: 'tls' })
    for (const kind of CHANNEL_KINDS) expect(usualChannel(kind)).toBeTypeOf('object')
  })
})
