import type { MonitorKind } from '@/api/types'
import zh from '@/locales/zh-CN'
import type { Setting } from '@/ui/setting'

/** All that a check can be told, and in which part of the fold the seldom ones stand. */
export interface CheckSetting extends Setting {
  group?: 'request' | 'answer' | 'line' | 'tls'
}

export const GROUPS = ['request', 'answer', 'line', 'tls'] as const
/** Codes of failures, for conditions that are about some of them. */
export const FAILURES = Object.keys(zh.probe.code)

const line = (...settings: CheckSetting[]): CheckSetting[] =>
  settings.map((setting) => ({ ...setting, seldom: true, group: 'line' }))
const IP: CheckSetting = { key: 'ip', type: 'choice', options: ['any', 'v4', 'v6'], usual: 'any' }
const SERVERS: CheckSetting = { key: 'resolver', type: 'lines' }
const tls = (needs?: string): CheckSetting[] =>
  [
    { key: 'tls.server_name', type: 'text' } as const,
    { key: 'tls.tolerate', type: 'choices', options: Object.keys(zh.probe.certificate) } as const,
    { key: 'tls.ca_pem', type: 'longtext', wide: true } as const,
  ].map((setting) => ({ ...setting, needs, seldom: true, group: 'tls' }))

export const CHECK_SETTINGS: Record<MonitorKind, CheckSetting[]> = {
  http: [
    { key: 'url', type: 'text', required: true, wide: true },
    { key: 'contains', type: 'lines' },
    { key: 'expect_status', type: 'list', usual: ['200-399'] },
    {
      ...{ key: 'method', type: 'choice', usual: 'GET', seldom: true, group: 'request' },
      options: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    },
    { key: 'headers', type: 'headers', seldom: true, group: 'request' },
    { key: 'body', type: 'longtext', wide: true, seldom: true, group: 'request' },
    { key: 'basic_auth.user', type: 'text', seldom: true, group: 'request' },
    { key: 'basic_auth.password', type: 'secret', seldom: true, group: 'request' },
    { key: 'not_contains', type: 'lines', wide: true, seldom: true, group: 'answer' },
    {
      ...{ key: 'redirect.mode', type: 'choice', usual: 'follow', seldom: true, group: 'answer' },
      options: ['follow', 'forbid', 'judge'],
    },
    { key: 'redirect.max', type: 'number', usual: 5, least: 1, most: 10, seldom: true, group: 'answer' },
    { key: 'redirect.land_on', type: 'text', wide: true, seldom: true, group: 'answer' },
    {
      ...{ key: 'body_limit_bytes', type: 'number', unit: 1024, usual: 1024 * 1024, least: 1, most: 16_384 },
      ...{ seldom: true, group: 'answer' },
    },
    {
      ...{ key: 'over_limit', type: 'choice', usual: 'truncate', seldom: true, group: 'answer' },
      options: ['truncate', 'fail'],
    },
    ...line({ key: 'connect_to', type: 'text' }, IP, SERVERS),
    ...tls(),
  ],
  tcp: [
    { key: 'host', type: 'text', required: true },
    { key: 'port', type: 'number', required: true, least: 1, most: 65_535 },
    { key: 'send', type: 'escaped', seldom: true, group: 'answer' },
    { key: 'expect', words: 'banner', type: 'text', seldom: true, group: 'answer' },
    ...line(IP, SERVERS),
    { key: 'tls', words: 'speak_tls', type: 'flag', on: {}, off: undefined, wide: true, seldom: true, group: 'tls' },
    ...tls('tls'),
  ],
  icmp: [
    { key: 'host', type: 'text', required: true },
    { key: 'packets', type: 'number', usual: 3, least: 1, most: 20 },
    { key: 'max_loss_percent', type: 'number', usual: 99, least: 0, most: 99, seldom: true, group: 'answer' },
    ...line(
      { key: 'gap_ms', type: 'number', usual: 200, least: 10, most: 5000 },
      { key: 'payload_bytes', type: 'number', usual: 56, least: 0, most: 1400 },
      IP,
      SERVERS,
    ),
  ],
  dns: [
    { key: 'name', type: 'text', required: true },
    { key: 'record', type: 'choice', options: ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT'], usual: 'A' },
    { key: 'expect', type: 'lines' },
    { key: 'mode', type: 'choice', options: ['all', 'any', 'exact'], usual: 'all' },
    ...line(SERVERS),
  ],
}

/** What a rule says besides its conditions. */
export const RULE_SETTINGS: Setting[] = [
  { key: 'retry_seconds', type: 'number', usual: 10, least: 1, most: 3600 },
  { key: 'no_data_after', type: 'number', usual: 3, least: 1, most: 100 },
  { key: 'flapping', words: 'watch_flapping', type: 'flag', on: { high: 30, low: 25 }, off: null, wide: true },
  { key: 'flapping.high', type: 'number', least: 1, most: 100, needs: 'flapping' },
  { key: 'flapping.low', type: 'number', least: 0, most: 100, needs: 'flapping' },
]
