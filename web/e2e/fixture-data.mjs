// Believable records for looking at pages without a server. A test fixture: nothing here is built or shipped.
const HOUR = 3600_000
const now = Date.now()
export const iso = (ms) => new Date(ms).toISOString().replace(/\.\d+Z/, 'Z')
let seed = 7
const rnd = () => (seed = (seed * 16807) % 2147483647) / 2147483647
const pick = (list) => list[Math.floor(rnd() * list.length)]
let serial = 0
export const uuid = () => `0197a000-0000-7000-8000-${String(++serial).padStart(12, '0')}`

export const project = { id: uuid(), code: 'HBZW-2026', name: '省政府门户网站运维项目' }
export const project2 = { id: uuid(), code: 'SSXT-2026', name: '市税务局征管系统运维' }
export const units = ['省政务服务和大数据管理局', '省人力资源和社会保障厅', '市税务局信息中心', '省生态环境厅', '高新区行政审批局'].map((name, i) => ({
  id: uuid(), code: `DW-${101 + i}`, name, parent_id: null, address: `长江路 ${12 + i * 7} 号`, hours_calendar: 'office', active: true, parent: null, depth: 0, version: 1,
}))
const people = [['admin', '系统管理员'], ['zhangwei', '张伟'], ['lina', '李娜'], ['wangqiang', '王强'], ['zhaomin', '赵敏'], ['chenjing', '陈静'], ['liuyang', '刘洋'], ['sunlei', '孙磊']]
export const users = people.map(([login, name], i) => ({
  id: uuid(), login, name, email: `${login}@example.gov.cn`, phone: `1380000${1000 + i}`, unit_id: null, unit: null, active: true, roles: [i ? 'engineer_1' : 'system_admin'], must_change_password: false, locked_until: login === 'sunlei' ? iso(now + HOUR / 4) : null, last_login_at: iso(now - i * 5 * HOUR), version: 1,
}))
const named = (u) => ({ id: u.id, name: u.name })
const names = ['周国平', '吴秀英', '郑海燕', '冯建军', '何丽', '蒋文', '沈浩', '韩雪梅', '杨帆', '朱晓明']
export const contacts = names.map((name, i) => ({
  id: uuid(), unit_id: units[i % 5].id, unit: named(units[i % 5]), projects: [i % 3 ? project : project2], name, phone: `0551-6260${1000 + i * 37}`, mobile: `1395510${2000 + i}`,
  email: `user${i}@example.gov.cn`, department: pick(['办公室', '信息中心', '综合处', '窗口服务部']), title: pick(['主任', '科员', '工程师']), vip: i === 0, version: 1,
}))
export const groups = [['服务台', 1], ['工程技术部', 2], ['软件开发部', 2], ['设备原厂', 3]].map(([name, line], i) => ({
  id: uuid(), project_id: project.id, name, line, member_ids: [users[1 + i].id, users[2 + i].id], members: [named(users[1 + i]), named(users[2 + i])], leader_id: users[1 + i].id, leader: named(users[1 + i]), project, active: true, version: 1,
}))

export const states = [
  ['new', '待受理', 'open'], ['accepted', '已受理', 'open'], ['dispatched', '待接单', 'open'], ['working', '处理中', 'open'], ['second_line', '二线处理', 'open'],
  ['waiting_user', '等待用户', 'waiting'], ['resolved', '已解决', 'resolved'], ['closed', '已关闭', 'closed'],
].map(([key, name, kind]) => ({ key, name, kind }))
const both = (word) => ({ zh: word, en: word })
const options = (pairs) => pairs.map(([key, label]) => ({ key: String(key), ...both(label) }))
const KINDS = { longtext: 'long_text', person: 'user' }
const field = (key, label, type, more = {}) => ({ key, name: both(label), kind: more.options && typeof more.options[0].key === 'string' && /^\d$/.test(more.options[0].key) ? 'scale' : (KINDS[type] ?? type), ...more })
const definition = {
  key: 'incident', name: both('事件'), version: 3, states: states.map((s) => ({ ...s, name: both(s.name) })), create: { hint: both('登记后进入受理队列，按协议开始计时。') },
  matrix: { rows: 'impact', columns: 'urgency', result: 'priority', values: [[1, 2, 3], [2, 3, 4], [3, 4, 5]] },
  fields: [
    field('title', '标题', 'text'), field('description', '故障现象', 'longtext'), field('business_reason', '影响业务的具体原因', 'text'),
    field('type', '事件类型', 'choice', { options: options([['consult', '咨询'], ['fault', '故障'], ['request', '服务请求'], ['complaint', '投诉'], ['suggestion', '建议']]) }),
    field('impact', '影响度', 'choice', { options: options([[1, '全单位或对外服务'], [2, '一个部门'], [3, '个别人员']]) }),
    field('urgency', '紧急度', 'choice', { options: options([[1, '立即'], [2, '当日'], [3, '可安排']]) }),
    field('priority', '优先级', 'number', { computed: true }), field('level', '故障级别', 'text'), field('unit_id', '单位名称', 'unit'), field('contact_id', '联系人', 'contact'), field('caller_name', '联系人', 'text'), field('caller_phone', '电话', 'text'),
    field('caller_department', '部门', 'text'), field('location', '地点', 'text'), field('system', '所属系统', 'text'), field('ci', '配置项', 'text'), field('assignee', '处理人', 'person'), field('group', '支持组', 'group'),
    field('handling_mode', '处理方式', 'choice', { options: options([['phone', '电话'], ['remote', '远程'], ['onsite', '现场'], ['second_line', '二线'], ['third_line', '三线']]) }),
    field('remote_consent_by', '远程同意人', 'text'), field('remote_consent_at', '同意时间', 'instant'), field('backup_done', '已备份', 'bool'), field('backup_evidence', '备份凭据', 'text'), field('cause', '原因分析', 'longtext'),
    field('cause_category', '原因类别', 'choice', { options: options([['operation', '操作'], ['environment', '环境'], ['software', '软件'], ['other', '其他']]) }),
    field('solution', '解决方案', 'longtext'), field('workaround', '临时方案', 'longtext'), field('resolved_line', '解决线', 'choice', { options: options([[1, '一线'], [2, '二线'], [3, '三线']]) }),
    field('agreed_at', '约定解决时间', 'instant'), field('agreed_reason', '约定原因', 'text'), field('channel', '来源', 'choice', { options: options([['phone', '电话'], ['email', '邮件'], ['monitor', '监控'], ['portal', '服务网站'], ['wechat', '微信'], ['verbal', '口头']]) }),
  ],
}
export const process = { key: 'incident', version: 3, definition, levels: [['L1', '一级', '严重故障，业务中断，或者业务处理不及时、不正确'], ['L2', '二级', '非严重故障，业务没有中断，但性能降低'], ['L3', '三级', '轻微故障，只有告警，不影响业务']].map(([key, name, words]) => ({ key, name, definition: words, priorities: [] })) }
const need = (key, required = true) => ({ key, required })
const action = (key, name, kind, to, fields, note, hint = null) => ({ key, name, kind, to_state: to, fields, note, hint })
const ACTIONS = {
  new: [action('accept', '受理', 'primary', 'accepted', [need('impact'), need('urgency'), need('level')], 'optional', '受理后响应时限停止计时。')],
  accepted: [action('dispatch', '派单', 'primary', 'dispatched', [need('group'), need('assignee')], 'optional', '处理人须在 15 分钟内确认接单。'), action('phone', '电话处理', 'normal', 'working', [], 'required')],
  dispatched: [action('acknowledge', '确认接单', 'primary', 'working', [], 'none'), action('dispatch', '改派', 'normal', 'dispatched', [need('group'), need('assignee')], 'required')],
  working: [
    action('arrive', '到场', 'primary', 'working', [need('location', false)], 'optional'), action('remote', '远程处理', 'normal', 'working', [need('remote_consent_by'), need('remote_consent_at')], 'optional', '远程前须得到用户同意。'),
    action('resolve', '解决', 'normal', 'resolved', [need('cause_category'), need('cause'), need('solution'), need('resolved_line')], 'optional'), action('second_line', '转二线', 'normal', 'second_line', [need('group')], 'required'),
    action('wait', '等待用户', 'normal', 'waiting_user', [need('agreed_at'), need('agreed_reason')], 'optional', '约定时间代替原承诺，两者都保留。'),
  ],
  second_line: [action('resolve', '解决', 'primary', 'resolved', [need('cause'), need('solution')], 'optional')], waiting_user: [action('resume', '继续处理', 'primary', 'working', [], 'optional')],
  resolved: [action('confirm', '客户确认', 'primary', 'closed', [], 'optional'), action('reopen', '未解决，退回', 'danger', 'working', [], 'required')], closed: [],
}
const COMMON = [action('note', '添加记录', 'normal', null, [], 'required'), action('level', '调整级别', 'normal', null, [need('level')], 'required')]
export const actionsFor = (state) => (state === 'closed' ? [] : [...ACTIONS[state], ...COMMON])

const TITLES = [
  '门户网站首页打不开，浏览器提示 502', '一网通办登录后空白页', '社保查询接口响应超过 10 秒', '栏目“政策解读”附件无法下载', '邮件系统不能发送外部邮件', '窗口打印机无法打印受理回执', '统一身份认证短信验证码收不到', '数据库服务器磁盘使用率 96%',
  'OA 公文流转卡在会签环节', '网站证书将于 7 天后到期', '核心交换机 2 号电源告警', '信访系统批量导入失败', '如何批量导出办件统计', '视频会议室无法接入主会场', '内网 DNS 解析间歇失败', '门户网站搜索结果为空',
]
const CALENDARS = ['7×24', '办公时间', '5×8']
const clock = (target, name, startedAgo, length, state, more = {}) => {
  const start = now - startedAgo
  const cycle = 1
  const stopped = more.took !== undefined ? start + more.took * 1000 : null
  return {
    target, name, cycle, started_at: iso(start), promised_due_at: iso(start + length * 1000), due_at: iso(start + (more.agreed ?? length) * 1000), stopped_at: stopped && iso(stopped), state, remaining_seconds: Math.round(length - startedAgo / 1000),
    elapsed_seconds: more.took ?? Math.round(startedAgo / 1000), duration_seconds: length, counted: true, negotiated: more.agreed ? { by: '李娜', reason: '备件次日到货，用户同意', at: iso(now - HOUR) } : null, calendar: more.calendar ?? CALENDARS[0],
  }
}
export const tickets = Array.from({ length: 137 }, (_, i) => {
  const state = i < 4 ? states[i] : i < 34 ? pick(states.slice(0, 6)) : pick(states.slice(6))
  const open = !['resolved', 'closed'].includes(state.kind)
  const ago = i < 34 ? i * 0.7 * HOUR + 0.3 * HOUR : i * 5 * HOUR
  const contact = contacts[i % 10]
  const assignee = ['new', 'accepted'].includes(state.key) ? null : named(users[1 + (i % 6)])
  const due = now + (i % 7 === 0 ? -0.6 * HOUR : (1 + (i % 9)) * 0.55 * HOUR)
  return {
    id: uuid(), number: `INC-202611-${String(500 - i).padStart(4, '0')}`, title: TITLES[i % TITLES.length], process: 'incident', project, state, type: i % 6 === 4 ? 'consult' : 'fault', priority: 1 + (i % 4), level: pick(['L1', 'L2', 'L3']), line: 1 + (i % 3 === 2 ? 1 : 0),
    channel: i % 5 === 0 ? 'monitor' : pick(['phone', 'email', 'portal', 'wechat']), unit: contact.unit, caller_name: contact.name, assignee, group: assignee ? named(groups[i % 3]) : null, major: i % 17 === 0, reported_at: iso(now - ago), created_at: iso(now - ago), updated_at: iso(now - ago / 3),
    next_due: open ? { target: 'resolve', name: pick(['响应', '到场', '解决']), due_at: iso(due) } : null, breached: i % 7 === 0, version: 3,
  }
})
export const detailOf = (row) => ({
  ...row,
  fields: {
    title: row.title, description: `${row.title}。\n今天上午开始，多个窗口同时反映，刷新后仍然一样；外网手机访问也不行。`, type: row.type, impact: 1, urgency: 2, priority: row.priority, level: row.level, unit_id: row.unit.id, caller_name: row.caller_name, caller_phone: '0551-62601037',
    caller_department: '信息中心', location: '政务中心三楼机房', system: '省政府门户网站', ci: 'web-01（Nginx 10.8.3.21）', business_reason: '群众无法在线提交办件，窗口改为纸质受理', handling_mode: 'remote', channel: row.channel, interrupted: true, outage_started_at: iso(now - 2 * HOUR),
  },
  clocks: row.state.kind === 'closed'
    ? [clock('respond', '响应', 30 * HOUR, 600, 'met', { took: 240 }), clock('resolve', '解决', 30 * HOUR, 14400, 'met', { took: 9800 })]
    : [clock('respond', '响应', 1.4 * HOUR, 600, 'met', { took: 240 }), clock('arrive', '到场', 1.3 * HOUR, 3600, 'breached', { took: 4300, calendar: '办公时间' }), clock('resolve', '解决', 1.4 * HOUR, 14400, 'running', row.number.endsWith('8') ? { agreed: 30000 } : {}), clock('report', '服务报告', 0, 86400, 'paused', { calendar: '办公时间' })],
  actions: actionsFor(row.state.key), created_by: named(users[2]), definition_version: 3, agreement: 'A',
  attachments: [{ id: uuid(), name: '首页 502 截图.png', size: 184320, media_type: 'image/png', created_at: iso(now) }], links: [], alarm: row.channel === 'monitor' ? { monitor_id: '', alert_id: uuid() } : null, backdated: row.number.endsWith('7'),
})
export const timelineOf = (row) => [
  ['working', 0.2, 'phone', '电话处理', users[3], '与用户核对：后端 8080 端口无响应，已建议先走备用入口。', [], null, null],
  ['remind', 0.5, 'remind', '时限提醒', null, '距“到场”时限还有 15 分钟，已短信通知王强。', [], null, null],
  ['ack', 0.9, 'acknowledge', '确认接单', users[3], null, [], 'dispatched', 'working'],
  ['dispatch', 1.1, 'dispatch', '派单', users[2], '请优先处理，涉及对外服务。', [{ field: 'assignee', label: '处理人', from: null, to: users[3].name }, { field: 'group', label: '支持组', from: null, to: '工程技术部' }], 'accepted', 'dispatched'],
  ['accept', 1.3, 'accept', '受理', users[2], null, [{ field: 'impact', label: '影响度', from: 2, to: 1 }, { field: 'level', label: '故障级别', from: null, to: 'L1' }], 'new', 'accepted'],
  ['create', 1.4, 'create', '登记', users[2], '来电登记', [], null, 'new'],
].map(([id, ago, action, action_name, user, note, changes, from_state, to_state], i) => ({
  id: `${row.id}-${id}`, seq: 100 - i, at: iso(now - ago * HOUR), happened_at: iso(now - (id === 'working' ? ago + 0.4 : ago) * HOUR), actor: user ? { id: user.id, kind: 'user', name: user.name } : { kind: 'system', name: '系统' }, action, action_name, from_state, to_state: to_state ?? 'working', to_state_name: states.find((s) => s.key === to_state)?.name ?? '', note: note ?? '', changes,
}))

const MON = [
  ['省政府门户网站', 'http', 'https://www.example.gov.cn/', 'critical', 'critical'], ['一网通办登录页', 'http', 'https://ywtb.example.gov.cn/login', 'warning', 'warning'], ['社保查询接口', 'http', 'https://api.example.gov.cn/sb/health', 'ok', null],
  ['邮件网关 SMTP', 'tcp', 'mail.example.gov.cn:25', 'ok', null], ['核心交换机', 'icmp', '10.8.0.1', 'ok', null], ['内网 DNS', 'dns', 'www.example.gov.cn @10.8.0.53', 'recovering', null], ['数据库主库端口', 'tcp', '10.8.3.31:1521', 'maintenance', null], ['备份服务器', 'icmp', '10.8.3.40', 'no_data', null],
  ['信访系统', 'http', 'https://xf.example.gov.cn/', 'suspect', null], ['OA 办公系统', 'http', 'https://oa.example.gov.cn/', 'ok', null], ['视频会议 MCU', 'icmp', '10.8.9.2', 'unreachable', null], ['测试环境门户', 'http', 'http://10.8.4.12/', 'paused', null], ['公共资源交易网', 'http', 'https://ggzy.example.gov.cn/', 'ok', null],
]
export const monitors = MON.map(([name, kind, target, state, level], i) => ({
  id: uuid(), name, kind, target, project, project_id: project.id, group: ['外网服务器', '内网服务器', '网络设备'][kind === 'http' ? 0 : kind === 'icmp' ? 2 : 1], order: i + 1, interval_seconds: kind === 'http' ? 30 : 60, enabled: state !== 'paused', state, level, flapping: i === 8, last_checked_at: iso(now - (5 + i) * 1000),
  last_value_ms: ['critical', 'no_data', 'paused', 'unreachable'].includes(state) ? null : Math.round(20 + rnd() * 300), since: iso(now - (i + 1) * 1.7 * HOUR), open_ticket: i < 2 ? { id: tickets[i * 5].id, number: tickets[i * 5].number } : null, availability_24h: state === 'critical' ? 0.9712 : state === 'warning' ? 0.9986 : 1, version: 1, timeout_seconds: 10,
  config: kind === 'http' ? { url: target, method: 'GET', expect_status: ['200-399'], contains: ['政务公开'] } : kind === 'dns' ? { name: 'www.example.gov.cn', record: 'A', server: '10.8.0.53' } : kind === 'tcp' ? { host: target.split(':')[0], port: Number(target.split(':')[1]) } : { host: target, count: 3 },
  rule: { conditions: [{ level: 'critical', when: { kind: 'down' }, bad: 3 }, { level: 'warning', when: { kind: 'above', metric: 'response_ms', value: 300 }, bad: 3 }], recover_after: 2, retry_seconds: 10, no_data_after: 3, flapping: { high: 30, low: 25 } }, system: '省政府门户网站', parent_id: null,
}))
export const alerts = monitors.filter((m) => m.level).map((m) => ({ id: uuid(), monitor: m.name, monitor_id: m.id, target: m.target, project, began_at: m.since, level: m.level, opened_at: m.since, recovered_at: null, reason: m.level === 'critical' ? '连续 3 次：HTTP 502 Bad Gateway' : '响应 4.1 秒，超过预警值 3 秒', ticket: m.open_ticket }))
  .concat(Array.from({ length: 14 }, (_, i) => ({ id: uuid(), monitor: monitors[i % 12].name, monitor_id: monitors[i % 12].id, target: monitors[i % 12].target, project, level: i % 3 ? 'warning' : 'critical', opened_at: iso(now - (i + 2) * 9 * HOUR), recovered_at: iso(now - (i + 2) * 9 * HOUR + 1500_000), reason: pick(['连接超时', '响应超过预警值', '证书 14 天后到期', '关键字“政务公开”未出现']), ticket: i % 3 ? null : { id: tickets[i + 5].id, number: tickets[i + 5].number } })))
export const HOUR_MS = HOUR
export { now, named, rnd, pick }
