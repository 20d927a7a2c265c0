import type { ChannelKind } from '@/api/types'
import { Problem } from '@/api/problem'
import { t } from '@/app/i18n'

/** What each kind of channel needs. Secrets are written, never read back: empty keeps what is stored. */
export interface ChannelField {
  /** Where it stands in the configuration (`road.proxy`), or a secret's name. */
  key: string
  type:
    | 'text'
    | 'number'
    | 'secret'
    | 'choice'
    | 'choices'
    | 'longtext'
    | 'list'
    | 'numbers'
    | 'headers'
    | 'flag'
    | 'success'
  /** Its words in the locales, where they are not those of the key. */
  words?: string
  options?: string[]
  required?: boolean
  usual?: unknown
  wide?: boolean
  least?: number
  most?: number
  /** Folded away: most installations never need it. */
  seldom?: boolean
}

type Config = Record<string, unknown>

/** Sorts of message by how they begin, as the rule of a channel names them. */
export const MESSAGES = [
  ...['ticket.dispatch', 'ticket.assign', 'ticket.sla', 'ticket.task', 'ticket.remind', 'ticket'],
  ...['alert.critical', 'alert.recovered', 'alert.own_line', 'alert'],
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
    { key: 'success.contains', type: 'success', required: true, usual: '', wide: true },
    { key: 'success.status', type: 'numbers', seldom: true },
    { key: 'per_minute', type: 'number', usual: 0, least: 0, most: 100_000, seldom: true },
    { key: 'text', type: 'text', usual: '{{ title }}　{{ body }}', seldom: true },
    { key: 'max_chars', type: 'number', usual: 300, least: 10, most: 2000, seldom: true },
    { key: 'joined', type: 'flag', usual: false, wide: true, seldom: true },
    { key: 'separator', type: 'text', usual: ',', seldom: true },
    { key: 'max_recipients', type: 'number', usual: 100, least: 1, most: 1000, seldom: true },
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

export function valueAt(config: Config, key: string): unknown {
  return key.split('.').reduce<unknown>((part, name) => (part as Config | undefined)?.[name], config)
}
export function setAt(config: Config, key: string, value: unknown): void {
  const [head, ...rest] = key.split('.') as [string, ...string[]]
  if (rest.length) setAt((config[head] ??= {}) as Config, rest.join('.'), value)
  else config[head] = value
}

/** A list, numbers or headers as somebody types them, and back. */
export function textOf(type: ChannelField['type'], value: unknown): string {
  if (type === 'headers')
    return Object.entries((value ?? {}) as Config)
      .map(([name, text]) => `${name}: ${text}`)
      .join('\n')
  return ((value ?? []) as unknown[]).join(', ')
}
export function valueOf(type: ChannelField['type'], text: string): unknown {
  if (type === 'headers') {
    const lines = text.split('\n').filter((line) => line.trim())
    return Object.fromEntries(
      lines.map((line) =>
        /^([^:：]*)[:：]?(.*)$/
          .exec(line)!
          .slice(1)
          .map((part) => part.trim()),
      ),
    )
  }
  const words = text.split(/[,，\s]+/).filter(Boolean)
  // What is no number stays as it is: the server says so beside the field.
  return type === 'numbers' ? words.map((word) => (/^\d+$/.test(word) ? Number(word) : word)) : words
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

/** What was typed, as the server takes it: empty texts and untouched secrets are left out, secrets no longer named go. */
export function channelWrite<T extends { kind: ChannelKind; config: Config; secret: Record<string, string> }>(
  values: T,
  stored: string[] = [],
): Omit<T, 'secret'> & { secret: Record<string, string | null> } {
  if (values.kind === 'http' && valueAt(values.config, 'success.contains') === '')
    throw new Problem(422, {
      code: 'invalid',
      errors: [{ field: 'config.success.contains', code: 'required', message: t('channel.successMissing') }],
    })
  const given = <V>(record: Record<string, V>): Record<string, V> =>
    Object.fromEntries(Object.entries(record).filter(([, v]) => v !== '' && v !== null && v !== undefined))
  const named = values.kind === 'http' ? secretsNamed(values.config) : Object.keys(values.secret)
  const asked = Object.fromEntries(Object.entries(values.secret).filter(([name]) => named.includes(name)))
  const gone = values.kind === 'http' ? stored.filter((name) => !named.includes(name)) : []
  const parts = Object.entries(values.config).map(([name, part]) => [
    name,
    ['rule', 'road', 'success'].includes(name) ? given((part ?? {}) as Config) : part,
  ])
  return {
    ...values,
    config: given(Object.fromEntries(parts) as Config),
    secret: { ...given(asked), ...Object.fromEntries(gone.map((name) => [name, null])) },
  }
}
