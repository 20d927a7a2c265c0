import type { ChannelKind } from '@/api/types'

/** What each kind of channel needs. Secrets are written, never read back: empty keeps what is stored. */
export interface ChannelField {
  key: string
  type: 'text' | 'number' | 'secret' | 'choice' | 'longtext' | 'list'
  options?: string[]
  required?: boolean
  usual?: unknown
  wide?: boolean
}

export const CHANNEL_KINDS: ChannelKind[] = ['smtp', 'http', 'wecom', 'dingtalk', 'feishu']
export const CHANNEL_FIELDS: Record<ChannelKind, ChannelField[]> = {
  smtp: [
    { key: 'host', type: 'text', required: true },
    { key: 'port', type: 'number', required: true, usual: 465 },
    { key: 'tls', type: 'choice', options: ['tls', 'starttls', 'plain'], usual: 'tls' },
    { key: 'from', type: 'text', required: true },
    { key: 'user', type: 'text' },
    { key: 'password', type: 'secret' },
  ],
  http: [
    { key: 'url', type: 'text', required: true, wide: true },
    { key: 'method', type: 'choice', options: ['POST', 'GET', 'PUT'], usual: 'POST' },
    { key: 'per_minute', type: 'number', usual: 0 },
    { key: 'body', type: 'longtext', wide: true },
    { key: 'token', type: 'secret' },
  ],
  wecom: [
    { key: 'key', type: 'secret', required: true, wide: true },
    { key: 'mention', type: 'list' },
    { key: 'url', type: 'text' },
  ],
  dingtalk: [
    { key: 'access_token', type: 'secret', required: true },
    { key: 'sign', type: 'secret' },
    { key: 'mention', type: 'list' },
    { key: 'url', type: 'text' },
  ],
  feishu: [
    { key: 'hook', type: 'secret', required: true },
    { key: 'sign', type: 'secret' },
    { key: 'url', type: 'text' },
  ],
}

export function usualChannel(kind: ChannelKind): Record<string, unknown> {
  return Object.fromEntries(CHANNEL_FIELDS[kind].filter((f) => f.usual !== undefined).map((f) => [f.key, f.usual]))
}

/** What was typed, as the server takes it: empty texts and untouched secrets are left out. */
export function channelWrite<T extends { config: Record<string, unknown>; secret: Record<string, string> }>(
  values: T,
): T {
  const given = (record: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(record).filter(([, v]) => v !== '' && v !== null && v !== undefined))
  return { ...values, config: given(values.config), secret: given(values.secret) }
}
