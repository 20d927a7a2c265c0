import type { ChannelKind } from '@/api/types'

/** What each kind of channel needs. Secrets are written, never read back: empty keeps what is stored. */
export interface ChannelField { key: string; type: 'text' | 'number' | 'secret' | 'choice' | 'longtext'; options?: string[]; required?: boolean; usual?: string | number }

export const CHANNEL_KINDS: ChannelKind[] = ['smtp', 'http', 'wecom', 'dingtalk', 'feishu']
export const CHANNEL_FIELDS: Record<ChannelKind, ChannelField[]> = {
  smtp: [
    { key: 'host', type: 'text', required: true }, { key: 'port', type: 'number', required: true, usual: 465 }, { key: 'security', type: 'choice', options: ['tls', 'starttls', 'none'], usual: 'tls' },
    { key: 'from', type: 'text', required: true }, { key: 'username', type: 'text' }, { key: 'password', type: 'secret' },
  ],
  http: [
    { key: 'url', type: 'text', required: true }, { key: 'method', type: 'choice', options: ['POST', 'GET', 'PUT'], usual: 'POST' }, { key: 'content_type', type: 'text', usual: 'application/json' },
    { key: 'body', type: 'longtext' }, { key: 'authorization', type: 'secret' },
  ],
  wecom: [{ key: 'webhook_url', type: 'secret', required: true }],
  dingtalk: [{ key: 'webhook_url', type: 'secret', required: true }, { key: 'sign_secret', type: 'secret' }],
  feishu: [{ key: 'webhook_url', type: 'secret', required: true }, { key: 'sign_secret', type: 'secret' }],
}

export function usualChannel(kind: ChannelKind): Record<string, unknown> {
  return Object.fromEntries(CHANNEL_FIELDS[kind].filter((f) => f.usual !== undefined).map((f) => [f.key, f.usual]))
}
