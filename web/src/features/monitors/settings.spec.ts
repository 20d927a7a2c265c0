import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MonitorDetail, MonitorKind } from '@/api/types'
import { te } from '@/app/i18n'
import { blankMonitor, inputOf, KINDS, tidy } from './model'
import { CHECK_SETTINGS, FAILURES, GROUPS, RULE_SETTINGS } from './settings'

const source = (path: string) => readFileSync(join(__dirname, '../../../../crates', path), 'utf8')
/** The fields of a structure as the server has it. */
function fieldsOf(text: string, name: string): string[] {
  const body = new RegExp(`pub struct ${name} \\{([\\s\\S]*?)\\n\\}`).exec(text)![1]!
  return [...body.matchAll(/^ {4}pub (\w+):/gm)].map((found) => found[1]!)
}
const named = (keys: string[], part: string) => [
  ...new Set(keys.filter((key) => key.startsWith(part)).map((key) => key.slice(part.length).split('.')[0]!)),
]
const asked = (kind: MonitorKind) => CHECK_SETTINGS[kind].map(({ key }) => key)

describe('the form of a monitor', () => {
  it.each([
    ['http', 'HttpConfig'],
    ['tcp', 'TcpConfig'],
    ['icmp', 'IcmpConfig'],
    ['dns', 'DnsConfig'],
  ] as const)('asks for all that a check of %s can be told', (kind, name) => {
    const fields = fieldsOf(source(`probe/src/config/${kind}.rs`), name)
    expect(named(asked(kind), '').sort()).toEqual(fields.sort())
  })
  it.each([
    ['redirect.', 'Redirect', 'http.rs'],
    ['basic_auth.', 'BasicAuth', 'http.rs'],
    ['tls.', 'TlsConfig', 'mod.rs'],
  ])('and for all of %s', (part, name, file) => {
    const fields = fieldsOf(source(`probe/src/config/${file}`), name)
    expect(named(asked('http'), part).sort()).toEqual(fields.sort())
  })
  it('asks for all that a rule can say', () => {
    const rule = source('core/src/alert/rule.rs')
    const own = ['conditions', 'recover_after']
    const keys = RULE_SETTINGS.map(({ key }) => key)
    expect([...own, ...named(keys, '')].sort()).toEqual(fieldsOf(rule, 'Rule').sort())
    expect(named(keys, 'flapping.').sort()).toEqual(fieldsOf(rule, 'Flapping').sort())
    const editor = readFileSync(join(__dirname, 'ConditionLine.vue'), 'utf8')
    const when = ['kind', 'only', 'except', 'metric', 'value', 'recover']
    for (const field of [...fieldsOf(rule, 'Condition'), ...when]) expect(editor).toMatch(new RegExp(`\\b${field}\\b`))
  })
  it('knows every failure that the prober names', () => {
    const [reasons] = source('probe/src/reason.rs').split('Self::ResolverSilent =>')
    const codes = [...reasons!.matchAll(/Self::\w+(?: \{ \.\. \})? => "(\w+)"/g)].map((found) => found[1]!)
    expect(codes.filter((code) => !FAILURES.includes(code))).toEqual([])
  })
  it('has words for each, and puts the seldom ones into a part of the fold', () => {
    const checks = KINDS.flatMap((kind) => CHECK_SETTINGS[kind])
    const words = [
      ...checks.map(({ key, words = key }) => `monitor.check.${words}`),
      ...RULE_SETTINGS.map(({ key, words = key }) => `monitor.ruleSetting.${words}`),
    ]
    expect(words.filter((key) => !te(key))).toEqual([])
    expect(checks.filter((s) => !!s.seldom !== GROUPS.includes(s.group as never))).toEqual([])
  })
})

describe('a monitor that is opened and saved', () => {
  const rule = {
    conditions: [
      { level: 'critical', when: { kind: 'down', except: ['keyword_missing'] }, bad: 3, of: 5, outage: false },
      { level: 'warning', when: { kind: 'above', metric: 'response_ms', value: 3000, recover: 2000 }, bad: 1 },
    ],
    ...{ recover_after: 4, retry_seconds: 7, no_data_after: 9, flapping: null },
  }
  const tls = { tolerate: ['expired'], ca_pem: 'PEM', server_name: 'a.cn' }
  const configs: Record<MonitorKind, Record<string, unknown>> = {
    http: {
      ...{ url: 'https://a.cn', method: 'POST', headers: { 'X-A': 'b' }, body: '{}', expect_status: ['2xx'] },
      ...{ basic_auth: { user: 'u', password: 'p' }, contains: ['a'], not_contains: ['b'], over_limit: 'fail' },
      ...{ redirect: { mode: 'judge', max: 2, land_on: 'https://a.cn' }, body_limit_bytes: 4096, ip: 'v6', tls },
      ...{ connect_to: '192.0.2.1', resolver: ['192.0.2.53'] },
    },
    tcp: { host: 'a', port: 443, send: 'x', expect: 'y', tls, ip: 'v4', resolver: ['192.0.2.53'] },
    icmp: { host: 'a', packets: 5, gap_ms: 50, payload_bytes: 0, max_loss_percent: 0, ip: 'v4', resolver: ['::1'] },
    dns: { name: 'a.cn', record: 'MX', resolver: ['::1'], expect: ['10 m.a.cn'], mode: 'exact' },
  }
  it.each(KINDS)('loses nothing of what the server holds: %s', (kind) => {
    expect(Object.keys(configs[kind]).sort()).toEqual(named(asked(kind), '').sort())
    const held = { ...blankMonitor('p'), kind, project: { id: 'p' }, config: configs[kind], rule }
    const sent = tidy(inputOf(held as unknown as MonitorDetail))
    expect(sent.config).toEqual(configs[kind])
    expect(sent.rule).toEqual(rule)
  })
  it('does not send what was emptied again', () => {
    const input = blankMonitor('p')
    input.config = {
      url: 'http://a',
      basic_auth: { user: '', password: '' },
      redirect: { mode: 'follow', land_on: '' },
    }
    input.rule.conditions[0]!.of = null as never
    const sent = tidy(input)
    expect(sent.config).toEqual({ url: 'http://a', redirect: { mode: 'follow' } })
    expect(sent.rule.conditions[0]).not.toHaveProperty('of')
  })
})
