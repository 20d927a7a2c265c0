import { describe, expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import { te } from '@/app/i18n'
import { valueAt } from '@/ui/setting'
import {
  CHANNEL_FIELDS,
  CHANNEL_KINDS,
  channelFields,
  channelRead,
  channelWrite,
  MESSAGES,
  usualChannel,
} from './kinds'

const gateway = { kind: 'http' as const, config: usualChannel('http'), secret: {} }

describe('a channel as it is sent', () => {
  it('leaves out what was not typed, so that a stored secret stays', () => {
    const config = { host: 'mail', user: '', rule: { fallback_after: null, projects: [] } }
    const sent = channelWrite({ kind: 'smtp', config, secret: { password: '' } })
    expect(sent).toEqual({ kind: 'smtp', config: { host: 'mail', rule: { projects: [] } }, secret: {} })
  })
  it('begins with the usual values of its kind', () => {
    expect(usualChannel('smtp')).toMatchObject({ port: 465, tls: 'tls', rule: { fallback_after: 3 } })
    expect(usualChannel('http')).toMatchObject({ method: 'POST', headers: { 'Content-Type': 'application/json' } })
  })
  it('does not lose what the form has no field for', () => {
    const config = channelRead({ ...usualChannel('wecom'), rule: { projects: ['p'], standby: true }, later: 1 })
    expect(channelWrite({ kind: 'wecom', config, secret: {} }).config).toMatchObject({
      rule: { projects: ['p'], standby: true },
      later: 1,
    })
  })
})

describe('whether a gateway has sent', () => {
  it('must be said: 200 with a refusal in the body is no success', () => {
    expect(() => channelWrite(gateway)).toThrow(Problem)
  })
  it('is known by a text of the answer', () => {
    const config = { ...gateway.config, success: { contains: '"code":0', status: [200] } }
    expect(channelWrite({ ...gateway, config }).config.success).toEqual({ contains: '"code":0', status: [200] })
  })
  it('or by any 2xx, which is how a stored empty text is read', () => {
    const config = channelRead({ ...gateway.config, success: { contains: '', status: [] } })
    expect(channelWrite({ ...gateway, config }).config.success).toEqual({ status: [] })
  })
})

describe('the secrets of a gateway', () => {
  const config = {
    ...gateway.config,
    success: {},
    headers: { Authorization: 'Bearer {{ secret.token }}' },
    body: '{"pwd": {{ secret.pwd|tojson }}}',
  }
  it('are those its templates name', () => {
    const secrets = channelFields('http', config).filter((field) => field.type === 'secret')
    expect(secrets.map((field) => field.key)).toEqual(['pwd', 'token'])
  })
  it('go when they are no longer named', () => {
    const sent = channelWrite({ ...gateway, config, secret: { pwd: 'x', other: 'typed before' } }, ['token', 'old'])
    expect(sent.secret).toEqual({ pwd: 'x', old: null })
  })
})

describe('the words of a channel', () => {
  it('name every field and every sort of message', () => {
    const keys = CHANNEL_KINDS.flatMap((kind) =>
      CHANNEL_FIELDS[kind].map((field) => `channel.field.${field.words ?? field.key}`),
    )
    const sorts = MESSAGES.map((kind) => `channel.message.${kind.replace('.', '_')}`)
    expect([...keys, ...sorts].filter((key) => !te(key))).toEqual([])
  })
  it('stand where the configuration has them', () => {
    for (const kind of CHANNEL_KINDS)
      for (const field of CHANNEL_FIELDS[kind])
        if (field.usual !== undefined) expect(valueAt(usualChannel(kind), field.key)).toEqual(field.usual)
  })
})
