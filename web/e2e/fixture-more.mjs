// The rest of the fixture: agreements, calendars, channels, reports, audit.
import { HOUR_MS, iso, monitors, named, now, pick, project, rnd, tickets, units, users, uuid } from './fixture-data.mjs'

export const permissions = ['ticket.read', 'ticket.create', 'ticket.act', 'ticket.confirm', 'monitor.read', 'monitor.manage', 'project.read', 'project.manage', 'people.read', 'people.manage', 'access.manage', 'agreement.read', 'agreement.manage', 'calendar.read', 'calendar.manage', 'report.read', 'report.write', 'report.approve', 'channel.read', 'channel.manage', 'audit.read', 'settings.manage', 'token.manage', 'import.run']
export const roles = [['admin', '系统管理员', '管理用户、设置和定义', permissions], ['desk', '服务台值班', '受理来电、登记、派单', permissions.slice(0, 5)], ['engineer_1', '一线工程师', '处理事件', permissions.slice(0, 5)], ['manager', '运维（项目）经理', '对项目的服务负责', permissions.slice(0, 16)], ['customer', '客户负责人', '查看、确认、签字', ['ticket.read', 'ticket.confirm', 'report.read']], ['auditor', '审计', '只读审计', ['audit.read']]]
  .map(([key, name, description, list]) => ({ key, name, description, permissions: list }))
export const projectRow = { ...project, customer_unit_id: units[0].id, customer: named(units[0]), active: true, provider_name: '安徽云川信息技术有限公司', starts_on: '2026-01-01', ends_on: '2026-12-31', calendar: 'office', manager_id: users[4].id, manager: named(users[4]), customer_lead_id: null, customer_lead: null, hotline: '0551-62601234', version: 2 }
export const projectAgreements = [{ id: uuid(), agreement: 'A', name: '三级故障', effective_from: '2026-01-01', effective_to: null }]
export const stages = [['启动', '2026-01-01', '2026-01-14', false], ['过渡', '2026-01-15', '2026-01-28', false], ['正常运维', '2026-01-29', '2026-12-17', true], ['总结', '2026-12-18', '2026-12-31', true]].map(([name, starts_on, ends_on, sla_counted]) => ({ id: uuid(), name, starts_on, ends_on, sla_counted }))
const target = (key, name, duration_seconds, calendar) => ({ key, name, duration_seconds, calendar })
export const agreements = [
  { key: 'A', name: '三级故障', summary: '请求 7×24 受理；一级即刻响应并立即到场。', source: 'A', levels: [
    { key: 'L1', name: '一级', definition: '严重故障，业务中断，或者业务处理不及时、不正确', targets: [target('respond', '响应', 0, '7×24'), target('arrive', '到场', 3600, '办公时间外')] },
    { key: 'L2', name: '二级', definition: '非严重故障，业务没有中断，但性能降低', targets: [target('re_respond', '再响应', 900, '7×24'), target('arrive', '到场', 3600, '办公时间')] },
    { key: 'L3', name: '三级', definition: '轻微故障，只有告警，不影响业务', targets: [target('re_respond', '再响应', 1800, '7×24'), target('arrive', '到场', 7200, '办公时间')] }] },
  { key: 'C', name: '重大 / 一般', summary: '10 分钟内响应；重大 1 小时到场、4 小时解决；一般 2 小时到场、24 小时解决。', source: 'C', levels: [{ key: 'major', name: '重大', definition: '核心设备或服务器软件造成系统瘫痪、功能丧失', targets: [target('respond', '响应', 600, '7×24'), target('arrive', '到场', 3600, '7×24'), target('resolve', '解决', 14400, '7×24')] }, { key: 'general', name: '一般', definition: '子系统故障，不影响基本业务', targets: [target('respond', '响应', 600, '7×24'), target('arrive', '到场', 7200, '5×8'), target('resolve', '解决', 86400, '7×24')] }] },
]
export const calendars = [{ key: 'office', name: '机关办公时间', timezone: 'Asia/Shanghai', years: [2025, 2026] }, { key: '7x24', name: '7×24', timezone: 'Asia/Shanghai', years: [2025, 2026] }]
const OFF = { '2026-01-01': '元旦', '2026-01-02': '元旦', '2026-01-03': '元旦', '2026-10-01': '国庆节', '2026-10-02': '国庆节', '2026-10-03': '国庆节', '2026-10-04': '国庆节', '2026-10-05': '国庆节', '2026-10-06': '国庆节', '2026-10-07': '国庆节', '2026-05-01': '劳动节', '2026-05-02': '劳动节', '2026-05-03': '劳动节', '2026-05-04': '劳动节', '2026-05-05': '劳动节' }
for (let d = 15; d <= 23; d++) OFF[`2026-02-${d}`] = '春节'
const ON = { '2026-01-04': '元旦补班', '2026-02-14': '春节补班', '2026-02-28': '春节补班', '2026-05-09': '劳动节补班', '2026-09-20': '国庆节补班', '2026-10-10': '国庆节补班' }
export function days(year, month) {
  const found = []
  for (let d = new Date(Date.UTC(year, month ? month - 1 : 0, 1)); d.getUTCFullYear() === year && (!month || d.getUTCMonth() === month - 1); d = new Date(d.getTime() + 86400_000)) {
    const date = d.toISOString().slice(0, 10)
    const weekend = d.getUTCDay() % 6 === 0
    const kind = OFF[date] ? 'holiday' : ON[date] ? 'makeup' : weekend ? 'rest' : date === '2026-02-13' ? 'half' : 'work'
    found.push({ date, kind, name: OFF[date] ?? ON[date] ?? null, hours: ['holiday', 'rest'].includes(kind) ? [] : [['09:00', '12:00'], ['13:30', '17:30']] })
  }
  return found
}
export const channels = [['值班邮箱', 'smtp', { host: 'smtp.example.gov.cn', port: 465, from: 'om@example.gov.cn', tls: 'tls' }], ['运维企业微信群', 'wecom', {}], ['政务短信网关', 'http', { url: 'http://10.8.0.9/sms', method: 'POST' }]].map(([name, kind, config], i) => ({ id: uuid(), name, kind, config, secrets: ['password', 'key'], fallback_id: null, enabled: i !== 2, version: 1 }))
export const deliveries = Array.from({ length: 23 }, (_, i) => ({
  id: uuid(), channel: channels[i % 3].name, channel_id: channels[i % 3].id, kind: 'ticket.sla', link: '', urgent: false, receipt: '', address: ['138****1003', 'w***g@example.gov.cn', ''][i % 3], title: pick(['[派单] INC-202611-0497 门户网站首页打不开', '[告警] 省政府门户网站 连续 3 次 502', '[提醒] 距到场时限还有 15 分钟']), state: i < 2 ? 'pending' : i % 7 === 3 ? 'dead' : 'sent', attempts: i % 7 === 3 ? 8 : 1, created_at: iso(now - i * 0.8 * HOUR_MS),
  due_at: iso(now + 60_000), sent_at: i % 7 === 3 || i < 2 ? null : iso(now - i * 0.8 * HOUR_MS + 900), error: i % 7 === 3 ? '连接 smtp.example.gov.cn:465 超时（10 秒）' : '',
}))
export const notices = [['派给您一张单子', 'INC-202611-0497 门户网站首页打不开，浏览器提示 502。请在 15 分钟内确认。', `/incidents/${tickets[3].id}`], ['告警：省政府门户网站', '连续 3 次检测返回 502，已建单 INC-202611-0500。', `/monitors/${monitors[0].id}`], ['时限将到', 'INC-202611-0493 的“到场”时限还有 15 分钟。', `/incidents/${tickets[7].id}`], ['月报待审批', '2026 年 10 月服务报告已提交，请审批。', '/reports']]
  .map(([title, body, link], i) => ({ id: uuid(), at: iso(now - i * 1.3 * HOUR_MS), kind: 'ticket', title, body, link, urgent: i === 1, read_at: i > 1 ? iso(now) : null }))
export const maintenance = [['数据库季度补丁', 4, 7], ['门户证书更换', -40, -38]].map(([name, a, b]) => ({ id: uuid(), name, project_id: project.id, project, monitor_ids: [monitors[0].id, monitors[6].id], starts_at: iso(now + a * HOUR_MS), ends_at: iso(now + b * HOUR_MS), reason: '已报客户信息中心批准，夜间执行', excluded_from_availability: true, version: 1 }))
const section = (key, title, text, figures, tables, charts) => ({ key, title, text, proposal: '本月共受理事件 137 件。', figures, tables: tables.map((x) => ({ ...x, figures: x.rows.map((row) => row.map((cell, i) => (i > 0 && typeof cell === 'number' ? `${x.key}.${i}` : null))) })), charts: charts.map((x) => ({ stacked: x.kind === 'bar', unit: '', target: x.kind === 'line' ? 99.99 : null, ...x })) })
export const report = {
  id: uuid(), kind: 'monthly', project, title: '2026 年 10 月服务报告', computed_at: iso(now - HOUR_MS), created_at: iso(now - HOUR_MS), period: { month: '2026-10', from: '2026-10-01', to: '2026-10-31' }, state: 'draft', approved_by: null, hash: null, updated_at: iso(now - HOUR_MS), version: 4,
  sections: [
    section('summary', '一、本月概况', '本月系统总体平稳。国庆假期安排 7×24 值班，未发生一级故障。', [{ key: 'total', label: '事件总数', value: 137, note: '上月 121', rows: true }, { key: 'responded', label: '服务响应总数', value: 137, note: '', rows: true }, { key: 'line2', label: '二线解决总数', value: 41, note: '', rows: true }, { key: 'line3', label: '三线解决总数', value: 6, note: '', rows: true }, { key: 'kept', label: '按时率', value: '97.8%', note: '目标 100%', ok: false, rows: false }], [], []),
    section('incidents', '二、事件统计', '', [], [{ key: 'level', title: '按故障级别', columns: ['级别', '事件数', '按时', '超时', '按时率'], rows: [['一级', 3, 3, 0, '100%'], ['二级', 41, 40, 1, '97.6%'], ['三级', 93, 91, 2, '97.8%']] }, { key: 'channel', title: '按来源', columns: ['来源', '事件数', '占比'], rows: [['电话', 62, '45.3%'], ['监控', 38, '27.7%'], ['服务网站', 22, '16.1%'], ['邮件', 15, '10.9%']] }], [{ key: 'daily', title: '每日事件数', kind: 'bar', x: Array.from({ length: 31 }, (_, i) => `10-${String(i + 1).padStart(2, '0')}`), series: [{ name: '故障', values: Array.from({ length: 31 }, () => Math.round(rnd() * 6)) }, { name: '咨询', values: Array.from({ length: 31 }, () => Math.round(rnd() * 3)) }] }]),
    section('availability', '三、系统可用性', '门户网站 10 月 18 日因运营商线路中断 41 分钟，已计入。', [{ key: 'availability', label: '门户可用率', value: '99.908%', note: '目标 99.99%', ok: false, rows: false }], [{ key: 'systems', title: '各系统可用率', columns: ['系统', '可用率', '中断时长', '剔除时长', '剔除原因'], rows: [['省政府门户网站', '99.908%', '41 分', '2 小时', '计划维护'], ['一网通办', '99.996%', '2 分', '—', '—'], ['社保查询接口', '100%', '—', '—', '—']] }], [{ key: 'trend', title: '近六个月可用率', kind: 'line', unit: '%', x: ['05', '06', '07', '08', '09', '10'], series: [{ name: '门户网站', values: [99.99, 100, 99.95, 99.99, 100, 99.908] }] }]),
  ],
}
export const reports = [report, { ...report, id: uuid(), title: '2026 年 9 月服务报告', period: { month: '2026-09', from: '2026-09-01', to: '2026-09-30' }, state: 'approved', approved_by: '赵敏', approved_at: iso(now - 500 * HOUR_MS), hash: 'sha256:9f2c41d0a7be55e1' }]
export const audit = Array.from({ length: 60 }, (_, i) => ({
  chain: 'main', seq: 4120 - i, at: iso(now - i * 0.21 * HOUR_MS), actor: i % 9 === 4 ? { id: null, name: 'root', kind: 'anonymous' } : { id: users[i % 6].id, name: users[i % 6].name, kind: 'user' }, ip: `10.8.20.${10 + (i % 40)}`, action: i % 9 === 4 ? 'session.create' : pick(['ticket.act', 'session.create', 'monitor.update', 'report.approve', 'user.create', 'ticket.create']),
  object: i % 9 === 4 ? { kind: '', id: '', label: '' } : { kind: 'ticket', id: tickets[i].id, label: tickets[i].number }, ok: i % 9 !== 4, detail: i % 9 === 4 ? '{"reason":"bad_credentials"}' : '{"action":"resolve"}', hash: Array.from({ length: 16 }, () => Math.floor(rnd() * 16).toString(16)).join(''),
}))
export const tokens = [{ id: uuid(), name: '短信平台回执', expires_at: '2027-01-01T00:00:00Z', prefix: 'anl_5f3c', permissions: ['ticket.read'], created_at: iso(now - 900 * HOUR_MS), last_used_at: iso(now - HOUR_MS) }]
