import type { ChannelKind } from '@/api/types'
import { Problem } from '@/api/problem'
import { t } from '@/app/i18n'
import { setAt, valueAt, withoutBlanks, type Setting } from '@/ui/setting'

/** What each kind of channel needs. Secrets are written, never read back: empty keeps what is stored. */
export type ChannelField = Setting

type Config = Record<string, unknown>

/** Sorts of message by how they begin, as the rule of a channel names them. */
export const MESSAGES = [
  ...['ticket.dispatch', 'ticket.assign', 'ticket.sla', 'ticket.task', 'ticket.remind', 'ticket.unanswered', 'ticket'],
  ...['alert.critical', 'alert.recovered', 'alert.own_line', 'alert'],
  'supplier.contract',
  ...['sla', 'kpi'],
]
const RULE: ChannelField[] = [
  { key: 'rule.kinds', type: 'choices', options: MESSAGES, wide: true, seldom: true },
  { key: 'rule.fallback_after', type: 'number', usual: 3, least: 1, most: 20, seldom: true },
]
const ROAD: ChannelField[] = [
  { key: 'road.proxy', type: 'text', seldom: true },
  { key: 'road.timeout_seconds', type: 'number', usual: 10, least: 1, most: 20, seldom: true },
  { key: 'road.ca_pem', type: 'longtext', wide: true, seldom: true },
]
const ROBOT: ChannelField[] = [
  { key: 'rule.language', type: 'choice', options: ['zh-CN', 'en'], usual: 'zh-CN', seldom: true },
  { key: 'url', words: 'robot_url', type: 'text', seldom: true },
  ...RULE,
  ...ROAD,
]

export const CHANNEL_KINDS: ChannelKind[] = ['smtp', 'http', 'wecom', 'dingtalk', 'feishu']
export const CHANNEL_FIELDS: Record<ChannelKind, ChannelField[]> = {
  smtp: [
    { key: 'host', type: 'text', required: true },
    { key: 'port', type: 'number', required: true, usual: 465, least: 1, most: 65535 },
    { key: 'tls', type: 'choice', options: ['tls', 'starttls', 'plain'], usual: 'tls' },
    { key: 'from', type: 'text', required: true },
    { key: 'user', type: 'text' },
    { key: 'password', type: 'secret' },
    ...RULE,
    { key: 'timeout_seconds', type: 'number', usual: 10, least: 1, most: 30, seldom: true },
    { key: 'ca_pem', type: 'longtext', wide: true, seldom: true },
  ],
  http: [
    { key: 'url', type: 'text', required: true, wide: true },
    { key: 'method', type: 'choice', options: ['POST', 'GET', 'PUT'], usual: 'POST' },
    { key: 'headers', type: 'headers', usual: { 'Content-Type': 'application/json' } },
    {
      ...{ key: 'body', type: 'longtext', wide: true },
      usual: '{"mobile": {{ phone|tojson }}, "content": {{ text|tojson }}}',
    },
    // Empty is no answer yet: a gateway that says 200 and refuses in the body must not pass for one that has sent.
    { key: 'success.contains', type: 'text', required: true, usual: '', wide: true },
    { key: 'success.status', type: 'numbers', seldom: true },
    { key: 'per_minute', type: 'number', usual: 0, least: 0, most: 100_000, seldom: true },
    { key: 'text', type: 'text', usual: '{{ title }}　{{ body }}', seldom: true },
    { key: 'max_chars', type: 'number', usual: 300, least: 10, most: 2000, seldom: true },
    { key: 'joined', type: 'flag', usual: false, wide: true, seldom: true },
    { key: 'separator', type: 'text', usual: ',', needs: 'joined', seldom: true },
    { key: 'max_recipients', type: 'number', usual: 100, least: 1, most: 1000, needs: 'joined', seldom: true },
    ...RULE,
    ...ROAD,
  ],
  wecom: [
    { key: 'key', type: 'secret', required: true, wide: true },
    { key: 'mention', type: 'list', wide: true },
    ...ROBOT,
  ],
  dingtalk: [
    { key: 'access_token', type: 'secret', required: true },
    { key: 'sign', type: 'secret' },
    { key: 'mention', type: 'list', wide: true },
    ...ROBOT,
  ],
  feishu: [
    { key: 'hook', type: 'secret', required: true },
    { key: 'sign', type: 'secret' },
    { key: 'mention', type: 'list', wide: true },
    ...ROBOT,
  ],
}

/** The secrets that a gateway's templates ask for: `{{ secret.token }}`. */
export function secretsNamed(config: Config): string[] {
  const templates = [config.url, config.body, ...Object.values((config.headers ?? {}) as Config)].join('\n')
  return [...new Set([...templates.matchAll(/\{[{%][^}]*?\bsecret\.(\w+)/g)].map((found) => found[1]!))]
}

/** All that is asked for, with the secrets that a gateway's own templates name. */
export function channelFields(kind: ChannelKind, config: Config): ChannelField[] {
  if (kind !== 'http') return CHANNEL_FIELDS[kind]
  const secrets = secretsNamed(config).map((key): ChannelField => ({ key, type: 'secret', required: true }))
  return [...CHANNEL_FIELDS.http, ...secrets]
}

export function usualChannel(kind: ChannelKind): Config {
  const config: Config = {}
  for (const field of CHANNEL_FIELDS[kind])
    if (field.usual !== undefined) setAt(config, field.key, structuredClone(field.usual))
  return config
}

/** A stored configuration as the form holds it: no text looked for means that any 2xx will do. */
export function channelRead(config: Config): Config {
  if (valueAt(config, 'success.contains') === '') setAt(config, 'success.contains', undefined)
  if (valueAt(config, 'road.timeout_seconds') === 0) setAt(config, 'road.timeout_seconds', 10)
  return config
}

/** Whether a gateway's answer is known by its words; empty words are an answer still owed. */
export const judgesByText = (config: Config): boolean => typeof valueAt(config, 'success.contains') === 'string'

/** What was typed, as the server takes it: empty texts and untouched secrets are left out, secrets no longer named go. */
export function channelWrite<T extends { kind: ChannelKind; config: Config; secret: Record<string, string> }>(
  values: T,
  stored: string[] = [],
) {
  const gateway = values.kind === 'http'
  if (gateway && valueAt(values.config, 'success.contains') === '')
    throw new Problem(422, {
      code: 'invalid',
      errors: [{ field: 'config.success.contains', code: 'required', message: t('channel.successMissing') }],
    })
  const parts = Object.entries(values.config).map(([name, part]) => [
    name,
    ['rule', 'road', 'success'].includes(name) ? withoutBlanks(part as Config) : part,
  ])
  const named = gateway ? secretsNamed(values.config) : Object.keys(values.secret)
  const typed = Object.entries(values.secret).filter(([name]) => named.includes(name))
  const gone = gateway ? stored.filter((name) => !named.includes(name)) : []
  return {
    ...values,
    config: withoutBlanks(Object.fromEntries(parts) as Config),
    secret: { ...withoutBlanks(Object.fromEntries(typed)), ...Object.fromEntries(gone.map((name) => [name, null])) },
  }
}
