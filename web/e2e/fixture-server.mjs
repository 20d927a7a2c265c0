// A tiny stand-in for `anlan serve`, for looking at pages while the server is away: the contract's shapes, no rules.
// node e2e/fixture-server.mjs [port]; add ?empty=1 or ?fail=1 to the first page to see those states (kept in a cookie).
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as d from './fixture-data.mjs'
import * as m from './fixture-more.mjs'

const DIST = fileURLToPath(new URL('../dist', import.meta.url))
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' }
const session = { user: { ...d.users[2], language: null }, must_change_password: false, permissions: m.permissions, expires_at: d.iso(Date.now() + 8 * d.HOUR_MS) }

class Refusal extends Error {
  constructor(status, body) { super(body.detail); this.status = status; this.body = { type: 'about:blank', status, ...body } }
}
const page = (items, url, key = 'items') => {
  const limit = Number(url.searchParams.get('limit') ?? 50)
  const from = Number(url.searchParams.get('after') ?? 0)
  return { [key]: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null }
}
const has = (text, q) => !q || String(text).toLowerCase().includes(q.toLowerCase())
function filtered(url) {
  const p = (k) => url.searchParams.get(k)
  const late = (t) => t.next_due && Date.parse(t.next_due.due_at) < Date.now()
  return d.tickets.filter((t) => (!p('state') || p('state').split(',').includes(t.state.key)) && (!p('open') || !['resolved', 'closed'].includes(t.state.kind)) && (!p('overdue') || late(t)) && (!p('priority') || String(t.priority) === p('priority'))
    && (!p('level') || t.level === p('level')) && (!p('type') || t.type === p('type')) && (!p('channel') || t.channel === p('channel')) && (p('assignee') !== 'me' || t.assignee?.id === d.users[3].id) && has(`${t.number}${t.title}${t.caller_name}`, p('q')))
    .sort((a, b) => (p('sort') === 'due_at' ? (a.next_due?.due_at ?? '9').localeCompare(b.next_due?.due_at ?? '9') : b.created_at.localeCompare(a.created_at)))
}
const tally = (list, of) => list.reduce((all, each) => ({ ...all, [of(each)]: (all[of(each)] ?? 0) + 1 }), {})
const one = (list, id) => list.find((x) => x.id === id) ?? (() => { throw new Refusal(404, { code: 'not_found', title: '未找到' }) })()
const probe = (ok) => ({
  reason: ok ? null : '状态码 502 不在预期之内', up: ok,
  outcome: {
    started_at: d.iso(Date.now()), class: ok ? 'up' : 'down', phases: { dns_us: 6100, connect_us: 11200, tls_us: 38000, first_byte_us: 112000, ...(ok ? { transfer_us: 17000 } : {}), total_us: 184300 }, status: ok ? 200 : 502, address: '203.0.113.18', tls: { version: 'TLSv1_3', cipher: 'TLS13_AES_256_GCM_SHA384', subject: 'www.example.gov.cn', issuer: 'GeoTrust', days_left: 63 },
    log: [{ at_us: 6100, step: 'resolved', name: 'www.example.gov.cn', addresses: ['203.0.113.18'] }, { at_us: 17300, step: 'connected', address: '203.0.113.18:443' }, { at_us: 55300, step: 'tls_agreed', version: 'TLSv1_3', cipher: 'TLS13_AES_256_GCM_SHA384' }, { at_us: 55400, step: 'certificate', subject: 'www.example.gov.cn', issuer: 'GeoTrust', days_left: 63 }, { at_us: 55600, step: 'requested', method: 'GET', url: 'https://www.example.gov.cn/' }, { at_us: 167000, step: 'responded', status: ok ? 200 : 502, version: 'HTTP/1.1' }],
  },
})
function series(url) {
  const from = Date.parse(url.searchParams.get('from')) || Date.now() - 24 * d.HOUR_MS
  const to = Date.parse(url.searchParams.get('to')) || Date.now()
  const step = (to - from) / 300
  const points = Array.from({ length: 300 }, (_, i) => {
    const t = from + i * step
    const v = 120 + 40 * Math.sin(i / 22) + ((i * 7919) % 31)
    return i > 210 && i < 226 ? null : [t, v, v * 0.8, v * 1.35]
  }).filter(Boolean)
  return { metric: url.searchParams.get('metric'), unit: 'ms', step_seconds: step / 1000, points }
}

const list = (items) => (url) => page(items.filter((x) => has(JSON.stringify(x), url.searchParams.get('q'))), url)
const GET = [
  ['/session', (_, request) => { if (/fixture=out/.test(request.headers.cookie ?? '')) throw new Refusal(401, { code: 'signed_out' }); return session }], ['/projects', list([m.projectRow, { ...m.projectRow, ...d.project2 }])], ['/projects/:id', () => m.projectRow], ['/projects/:id/agreements', list(m.projectAgreements)], ['/projects/:id/stages', list(m.stages)], ['/projects/:id/members', () => d.users.slice(1, 6).map((u, i) => ({ id: u.id, name: u.name, phone: u.phone, email: u.email, login: u.login, roles: [{ key: 'x', name: m.roles[i % 4].name }] }))],
  ['/roles', () => m.roles], ['/users', list(d.users)], ['/users/:id', (_, id) => one(d.users, id)], ['/users/:id/grants', () => [{ id: 'g1', role: 'manager', role_name: '运维（项目）经理', created_at: d.iso(0), scope: { kind: 'project', id: d.project.id, name: d.project.name } }]], ['/tokens', list(m.tokens)], ['/units', list(d.units)], ['/units/:id', (_, id) => one(d.units, id)],
  ['/contacts', (url) => page(d.contacts.filter((c) => (!url.searchParams.get('unit') || c.unit_id === url.searchParams.get('unit')) && has(c.name + c.phone + c.mobile, url.searchParams.get('q'))), url)], ['/groups', list(d.groups)], ['/agreements', list(m.agreements)], ['/agreements/:id', (_, key) => m.agreements.find((a) => a.key === key)],
  ['/calendars', list(m.calendars)], ['/calendars/:id/days', (url) => m.days(Number(url.searchParams.get('year')), Number(url.searchParams.get('month')))], ['/processes', () => [d.process]], ['/processes/:id', () => d.process],
  ['/tickets', (url) => page(filtered(url), url)], ['/tickets/counts', (url) => { const all = filtered(url); return { total: all.length, by_state: tally(all, (t) => t.state.key), by_priority: tally(all, (t) => t.priority), overdue: all.filter((t) => t.next_due && Date.parse(t.next_due.due_at) < Date.now()).length, unassigned: all.filter((t) => !t.assignee).length } }],
  ['/tickets/:id', (_, id) => { const t = d.detailOf(one(d.tickets, id)); if (t.alarm) t.alarm.monitor_id = d.monitors[0].id; return t }], ['/tickets/:id/timeline', (url, id) => page(d.timelineOf(one(d.tickets, id)), url)],
  ['/desk/caller', (url) => { const q = url.searchParams.get('phone') ?? url.searchParams.get('name'); const found = d.contacts.filter((c) => `${c.phone}${c.mobile}${c.name}`.replace(/-/g, '').includes(q.replace(/-/g, ''))).slice(0, 5); return { contacts: found, recent: found.length === 1 ? d.tickets.filter((t) => t.caller_name === found[0].name).slice(0, 3) : [] } }],
  ['/work', () => { const mine = d.tickets.slice(0, 30); return { breaching: mine.filter((t) => t.breached).slice(0, 3), waiting_ack: mine.filter((t) => t.state.key === 'dispatched').slice(0, 3), assigned: mine.filter((t) => t.state.key === 'working').slice(0, 5), to_confirm: d.tickets.filter((t) => t.state.key === 'resolved').slice(0, 2), unassigned: [] } }],
  ['/monitors', (url) => page(d.monitors.filter((x) => (!url.searchParams.get('abnormal') || !['ok', 'paused'].includes(x.state)) && (!url.searchParams.get('kind') || x.kind === url.searchParams.get('kind')) && has(x.name + x.target, url.searchParams.get('q'))), url)], ['/monitors/:id', (_, id) => one(d.monitors, id)], ['/monitors/:id/series', series],
  ['/monitors/:id/events', () => ({ items: [['opened', { level: 'critical', reason: { kind: 'down', code: 'unexpected_status' } }, 1.7], ['outage_began', { reason: { kind: 'down', code: 'unexpected_status' } }, 1.7], ['suspected', { level: 'critical', reason: { kind: 'down', code: 'unexpected_status' } }, 1.72], ['recovered', { reason: { kind: 'good', samples: 2 } }, 30], ['recovering', { reason: { kind: 'good', samples: 1 } }, 30.02]].map(([kind, detail, ago], i) => ({ id: String(i), at: d.iso(Date.now() - ago * d.HOUR_MS), happened_at: d.iso(Date.now() - ago * d.HOUR_MS), kind, detail: { event: kind, ...detail } })), next: null })],
  ['/monitors/:id/failures', () => [1, 2, 3].map((i) => ({ id: String(i), ...probe(false), at: d.iso(Date.now() - i * 30_000) }))],
  ['/monitors/:id/availability', () => ({ ratio: 0.99861, down_seconds: 3600, excluded: [{ reason: '计划维护：数据库季度补丁', seconds: 7200 }], total_seconds: 2592000, counted_seconds: 2584800, outages: [{ began_at: d.iso(Date.now() - 30 * d.HOUR_MS), ended_at: d.iso(Date.now() - 29.4 * d.HOUR_MS) }, { began_at: d.iso(Date.now() - 1.7 * d.HOUR_MS), ended_at: null }] })],
  ['/alerts', (url) => page(d.alerts.filter((a) => !url.searchParams.get('open') || !a.recovered_at), url)], ['/alerts/summary', () => ({ red: d.alerts.filter((a) => !a.recovered_at && a.level === 'critical').length, blue: d.alerts.filter((a) => !a.recovered_at && a.level === 'warning').length })], ['/maintenance', list(m.maintenance)],
  ['/channels', () => m.channels], ['/deliveries', (url) => page(m.deliveries.filter((x) => !url.searchParams.get('state') || x.state === url.searchParams.get('state')), url)], ['/notices', (url) => page(m.notices.filter((n) => !url.searchParams.get('unread') || !n.read_at), url)], ['/notices/count', () => ({ unread: m.notices.filter((n) => !n.read_at).length })],
  ['/reports', list(m.reports)], ['/reports/:id', (_, id) => one(m.reports, id)], ['/reports/:id/verify', () => ({ ok: true, hash: 'x', computed: 'x', audited: true })], ['/reports/:id/figures/:key/rows', (url) => page(d.tickets, url)], ['/audit', list(m.audit)], ['/audit/verify', () => ({ entries: 4120, ok: true, first_bad: null, heads: [] })], ['/version', () => ({ version: '0.1.0', commit: 'fixture' })], ['/settings', () => ({ session_idle_minutes: 30, session_hours: 12, timezone: 'Asia/Shanghai', organisation: '安徽云川信息技术有限公司' })],
]
function act(id, key, body) {
  const row = one(d.tickets, id)
  const action = d.actionsFor(row.state.key).find((a) => a.key === key)
  const missing = action.fields.filter((f) => f.required && (body.fields?.[f.key] ?? null) === null).map((f) => ({ field: `fields.${f.key}`, code: 'required', message: '必须填写' }))
  if (action.note === 'required' && !body.note) missing.push({ field: 'note', code: 'required', message: '请写明说明' })
  if (missing.length) throw new Refusal(422, { code: 'invalid', title: '内容不完整', detail: `还缺 ${missing.length} 项，未保存。`, errors: missing })
  if (action.to_state) row.state = d.states.find((s) => s.key === action.to_state)
  row.version++
  return d.detailOf(row)
}
function create(body) {
  if (!body.fields?.caller_phone) throw new Refusal(422, { code: 'invalid', title: '内容不完整', detail: '登记还缺 1 项。', errors: [{ field: 'fields.caller_phone', code: 'required', message: '请填写电话' }] })
  const row = { ...d.tickets[0], id: d.uuid(), number: `INC-202611-${String(501 + d.tickets.length - 137).padStart(4, '0')}`, title: body.fields.title, state: d.states[0], reported_at: d.iso(Date.now()), created_at: d.iso(Date.now()), updated_at: d.iso(Date.now()), assignee: null, group: null, breached: false, next_due: { target: 'respond', name: '响应', due_at: d.iso(Date.now() + 600_000) } }
  d.tickets.unshift(row)
  return d.detailOf(row)
}
const OTHER = [
  ['POST', '/session', (body) => { if (body.password === 'wrong') throw new Refusal(401, { code: 'bad_credentials', title: '登录失败', detail: '账号或密码不对。' }); return session }], ['POST', '/tickets/:id/actions/:key', (body, id, key) => act(id, key, body)], ['POST', '/tickets', create], ['POST', '/desk/calls', create], ['POST', '/monitors/try', () => probe(true)], ['POST', '/channels/:id/test', () => ({ ok: true, answer: '250 2.0.0 Ok: queued as 7B21' })],
  ['POST', '/users', (body) => ({ user: { ...d.users[0], ...body, id: d.uuid() }, one_time_password: 'Kx7-mQ2p-9Rt' })], ['POST', '/users/:id/reset-password', () => ({ one_time_password: 'Kx7-mQ2p-9Rt' })], ['POST', '/tokens', () => ({ token: 'anl_5f3c8e1d2b7a49c0e6' })], ['POST', '/notices/:id/read', () => undefined],
]
const match = (pattern, path) => { const found = new RegExp(`^${pattern.replace(/:\w+/g, '([^/]+)')}$`).exec(path); return found?.slice(1).map(decodeURIComponent) }

async function api(request, url) {
  const path = url.pathname.slice('/api/v1'.length)
  if (/fixture=fail/.test(request.headers.cookie ?? '') && path !== '/session') throw new Refusal(503, { code: 'unavailable', title: '服务暂不可用', detail: '数据库正在恢复，预计 1 分钟内可用。' })
  if (request.method === 'GET') {
    const exact = GET.find(([p]) => p === path) ?? GET.find(([p]) => match(p, path))
    if (!exact) throw new Refusal(404, { code: 'not_found', title: '未找到' })
    const answer = exact[1](url, ...(path === '/session' ? [request] : match(exact[0], path) ?? []))
    if (/fixture=empty/.test(request.headers.cookie ?? '') && answer?.items && path !== '/session') return { ...answer, items: [], next: null }
    return answer
  }
  let text = ''
  for await (const chunk of request) text += chunk
  const body = /json/.test(request.headers['content-type'] ?? '') && text ? JSON.parse(text) : {}
  const found = OTHER.find(([method, p]) => method === request.method && match(p, path))
  return found ? found[2](body, ...match(found[1], path)) : request.method === 'DELETE' ? undefined : { ...body, id: d.uuid(), version: 1 }
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost')
  if (url.pathname === '/api/v1/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write(': here\n\n')
    return
  }
  if (url.pathname.startsWith('/api/')) {
    try {
      const answer = await api(request, url)
      response.writeHead(answer === undefined ? 204 : 200, { 'Content-Type': 'application/json' }).end(answer === undefined ? '' : JSON.stringify(answer))
    } catch (error) {
      const status = error.status ?? 500
      if (!error.status) console.error(request.method, url.pathname, error)
      response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(error.body ?? { status, title: String(error) }))
    }
    return
  }
  const file = normalize(join(DIST, url.pathname))
  const send = async (path) => { const content = await readFile(path); response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(content) }
  try { await send(file.startsWith(DIST) && extname(file) ? file : join(DIST, 'index.html')) } catch { response.writeHead(404).end() }
}).listen(Number(process.argv[2] ?? 8098), '127.0.0.1', function () { console.log(`http://127.0.0.1:${this.address().port}`) })
