export default {
  secret: { kept: '我已保存好' },
  permission: {
    ticket_read: '查看单子', ticket_create: '登记单子', ticket_act: '处理单子', ticket_confirm: '客户确认', monitor_read: '查看监控', monitor_manage: '管理监控', project_read: '查看项目', project_manage: '管理项目', people_read: '查看人员', people_manage: '管理人员', access_manage: '授予角色', agreement_read: '查看服务协议', agreement_manage: '管理服务协议',
    calendar_read: '查看日历', calendar_manage: '管理日历', report_read: '查看报告', report_write: '编写报告', report_approve: '批准报告', channel_read: '查看通知渠道', channel_manage: '管理通知渠道', audit_read: '查看审计', settings_manage: '修改设置', token_manage: '管理 API 令牌', import_run: '导入数据',
  },
  people: {
    user: '用户', name: '姓名', login: '账号', loginHint: '登录时输入，以后不能改', role: '角色', roles: '角色', active: '在用', phone: '电话', mobile: '手机', email: '邮箱', state: '账号状态', lastLogin: '最近登录', left: '已停用', locked: '已锁定', lockedUntil: '锁定到 {at}', firstLogin: '待改密码', fine: '正常', newUser: '新建用户', newUserHint: '系统生成一次性密码，首次登录须修改。',
    create: '创建', userFilter: '角色:服务台值班 姓名、账号、电话', userUnit: '所属客户单位', userUnitHint: '只有客户方人员才填', oneTime: '一次性密码', oneTimeHint: '请当面或用安全的方式告诉本人。关闭后不再显示；首次登录必须修改。', rolesHint: '角色决定能做什么，范围决定能看到谁的。', noRoles: '还没有角色，登录后什么也看不到。', give: '授予角色', granted: '已授予', take: '收回', takeTitle: '收回“{role}”',
    scopeLabel: '范围', scope: { all: '全部', project: '一个项目', unit: '一个单位', own: '本人提交的' }, opens: '可以：', facts: '基本信息', maySignIn: '允许登录', reset: '重置密码', resetTitle: '重置 {name} 的密码', resetText: '原密码立即失效，所有已登录的设备都会退出。', unlock: '解除锁定', unlocked: '已解除锁定',
    unitName: '单位名称', code: '编码', parentUnit: '上级单位', address: '地址', hours: '办公时间', hoursHint: '与项目不同时才选', asProject: '同项目', newUnit: '新建单位', unitFilter: '名称或编码', seeContacts: '查看联系人', noUnits: '还没有单位', noUnitsText: '先建立客户单位，联系人和项目都属于某个单位。', inUse: '在用',
    department: '部门', title: '职务', newContact: '新建联系人', contactFilter: '姓名或号码', anyUnit: '全部单位', callName: '拨打 {name}', noContacts: '没有联系人', noContactsText: '把客户的常用联系人录进来，来电时输入号码就能认出是谁。', vip: '重要联系人（VIP）',
    groupsHint: '一线解决不了转二线，再转三线；派单和升级按组进行。', newGroup: '新建支持组', groupName: '组名', members: '成员', leader: '组长', leaderOf: '{name}（组长）', noMembers: '还没有成员', noGroups: '还没有支持组', noGroupsText: '为每个项目建立一线、二线、三线的支持组，派单和升级才有去处。',
  },
  project: {
    one: '项目', new: '新建项目', edit: '修改项目', newHint: '一个项目就是一份服务合同：谁服务谁、多长时间、按什么协议。', name: '项目名称', code: '项目编号', codeHint: '单号和文件会用到', customer: '客户单位', provider: '服务单位', manager: '项目负责人', managerHint: '逐级上报的最后一级', customerLead: '客户负责人', hotline: '服务热线', term: '合同期', starts: '开始日期', ends: '结束日期', calendar: '办公日历', calendarHint: '工作时间类的时限按它计算', active: '在用',
    filter: '名称或编号', none: '还没有项目', noneText: '建立第一个项目，选定服务协议，就可以受理事件、监控系统。', agreements: '服务协议', newAgreement: '选用协议', agreementHint: '生效日以后报告的单子按新协议计时；已有的单子不变。', noAgreement: '还没有选用服务协议，单子不会计时。', open: '至今', inForce: '生效中', from: '生效日期', to: '截止日期', stages: '阶段', newStage: '添加阶段', stageName: '阶段名称', noStages: '没有划分阶段，整个合同期都计入考核。', counted: '计入考核', notCounted: '不计入考核', countedLong: '这个阶段的时限计入考核', members: '人员',
  },
  agreement: { one: '服务协议', hint: '每个项目选用一份；级别和时限都取自合同。', none: '没有服务协议', allLevels: '所有级别', source: '出处：{source}', atOnce: '即刻' },
  calendar: {
    zone: '时区 {zone}', import: '导入日历', importHint: '粘贴或选择 YAML、JSON 文件。导入后，未完成单子的时限按新日历重算。', importDo: '导入', imported: '日历已导入', file: '文件', text: '内容', year: '年份', missing: '缺少 {years} 年的放假安排，时限会按普通周末计算。请导入国务院办公厅公布的日历。', none: '这一年没有数据', noneText: '导入这一年的放假与调休安排。', special: '放假与调休', nothingSpecial: '这一年没有特别安排。',
    kind: { work: '工作日', rest: '休息日', holiday: '法定节假日', makeup: '调休上班', half: '半日' }, short: { holiday: '休', makeup: '班' },
  },
  channel: {
    hint: '消息从这里发出；发不出去时改走备用渠道，仍失败则进入发送记录等待处理。', new: '新建渠道', none: '还没有通知渠道', noneText: '配置邮件、短信网关或群机器人，派单、告警和超时提醒才能送到人。', name: '名称', kindLabel: '类型', fallback: '备用渠道', fallbackHint: '本渠道多次失败后改用', fallbackTo: '备用 {name}', noFallback: '没有', enabled: '启用', keepSecret: '不填则保留原值', hintOf: { body: '可用占位符 {\'{{ phone }}\'} {\'{{ text }}\'} {\'{{ key }}\'} {\'{{ secret.token }}\'}', mention: '手机号或 {\'@\'}all，用逗号分开' }, projects: '发送哪些项目的消息', projectsHint: '不选则为全部项目', standby: '平时不用，只作备用', urgentOnly: '群机器人只发紧急消息', testFailed: '没有发出', deleteText: '删除后不再向它发送；发送记录仍保留。',
    kind: { smtp: '邮件', http: 'HTTP 接口（短信网关）', wecom: '企业微信', dingtalk: '钉钉', feishu: '飞书' }, security: { tls: 'TLS', starttls: 'STARTTLS', plain: '不加密' },
    field: { host: '服务器', port: '端口', tls: '加密', from: '发件人', user: '账号', password: '密码', url: '地址', method: '方法', per_minute: '每分钟最多（0 不限）', body: '报文模板', token: '密钥 token', key: '机器人 key', access_token: '机器人 access_token', hook: '机器人 hook', sign: '加签密钥', mention: '提醒谁' },
    testTitle: '测试“{name}”', testHint: '立刻发送一条测试消息。', testSend: '发送', recipient: '接收人', testSent: '测试消息已发出',
  },
  delivery: {
    hint: '每一条消息的去向。发送失败的不会丢，排除故障后可以重发。', subject: '内容', stateLabel: '状态', state: { dead: '失败', pending: '等待发送', sent: '已送达', passed_on: '已转备用' }, channel: '渠道', recipient: '接收人', created: '产生', sent: '送达', attempts: '次数', error: '原因', filter: '状态:失败', retry: '重新发送', retried: '已重新排队 {n} 条', none: '没有发送记录', noneText: '派单、告警、提醒发出后会列在这里。',
  },
  report: {
    one: '服务报告', hint: '数字由系统算出，点开就是它统计的那些单子；文字由您来写。批准后冻结，并留下数据指纹。', new: '生成月报', newHint: '按所选月份统计，先生成草稿。', make: '生成', month: '月份', title: '报告', monthly: '{month} 服务报告', state: '状态', states: { draft: '草稿', approved: '已批准' }, approvedBy: '批准人', none: '还没有报告', noneText: '每月初生成上月的服务报告，补充说明后批准、导出、打印签字。',
    recompute: '重新计算', recomputed: '已按最新数据重新计算', approve: '批准', approved: '已批准并冻结', approveTitle: '批准《{title}》', approveText: '批准后数字和文字都不能再改，并记录数据指纹。', print: '打印', approvedLine: '{name} 已批准', hash: '数据指纹', verify: '校验', verified: '数据与批准时一致，审计记录相符', tampered: '数据与批准时不一致', computedAt: '数据统计于 {at}', propose: '用系统建议的文字', rowsOf: '“{name}”统计的单子', seeRows: '查看统计的单子', writeHere: '在此补充说明',
  },
  audit: {
    phrase: '{verb}{noun}', hint: '谁在何时、从哪里、做了什么、成没成。只能追加，逐条相扣，改动任何一条都能查出来。', verify: '校验完整性', whole: '{n} 条记录完整，链条相扣', broken: '第 {seq} 条起链条断裂（{reason}），请立即保全现场', at: '时间', actor: '操作人', action: '操作', object: '对象', result: '结果', ip: '来源地址', seq: '序号', hash: '指纹', detail: '详情', ok: '成功', failed: '失败', filter: '结果:失败 操作:ticket.', signIns: '登录', tickets: '单子', people: '用户',
    kind: { user: '用户', token: '接口令牌', system: '系统', anonymous: '未登录', import: '导入', monitor: '监控' },
    word: { session_create: '登录', session_delete: '退出', password_change: '修改密码', user_unlock: '解除锁定', user_reset_password: '重置密码', grant_create: '授予角色', grant_delete: '收回角色', token_delete: '吊销令牌', ticket_create: '登记单子', ticket_import: '导入单子', ticket_attach: '上传附件', ticket_print: '打印受理单', monitor_try: '试检测', channel_test: '测试渠道', delivery_retry: '重发消息', demo_fill: '填入演示数据', report_write: '修改报告文字', report_recompute: '重新计算报告', report_export: '导出报告', report_approve: '批准报告' },
    verb: { create: '新建', update: '修改', delete: '删除', import: '导入', export: '导出' },
    noun: { user: '用户', unit: '单位', contact: '联系人', group: '支持组', project: '项目', agreement: '协议', stage: '阶段', token: '令牌', monitor: '监控项', maintenance: '维护窗口', channel: '通知渠道', report: '报告', calendar: '日历', settings: '设置' },
  },
  token: {
    hint: '供其他系统调用接口。权限不超过创建人，吊销立即生效。', new: '新建令牌', none: '没有令牌', noneText: '短信平台回执、数据上报等外部系统接入时，为每个系统单独建一个。', name: '用途', nameHint: '写明给哪个系统用', expires: '有效期至', permissions: '权限', create: '创建', made: '新令牌', madeHint: '只显示这一次，请立即复制到对方系统的配置里。', expired: '已过期', until: '有效期至 {day}', forever: '长期有效', lastUsed: '最近使用', revoke: '吊销', deleteTitle: '吊销“{name}”', deleteText: '使用它的系统会立即无法调用接口。',
  },
  settings: {
    key: { session_idle_minutes: '闲置多久自动退出（分钟）', session_hours: '登录最长有效（小时）', timezone: '时区', organisation: '服务单位名称', base_url: '访问地址', public_url: '访问地址', language: '默认语言' },
    hint: { base_url: '用在消息里的链接', public_url: '用在消息里的链接', organisation: '印在表单和报告上' },
  },
  profile: { until: '登录有效至', look: '显示', rights: '我的权限', keys: '键盘', key: { palette: '搜索与命令', filter: '筛选', rows: '选择并打开一行', send: '提交表单' } },
}
