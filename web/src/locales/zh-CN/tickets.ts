export default {
  ticket: {
    unknownRecord: '（已不在项目中）', one: '事件', new: '新建事件', number: '编号', title: '标题', state: '状态', nextDue: '下一时限', priority: '优先级', level: '级别', assignee: '处理人', unit: '单位', caller: '联系人', type: '类型', channel: '来源', line: '支持线',
    group: '支持组', project: '项目', reported: '报告时间', updated: '更新时间', late: '超时', overdue: '超时', openOnly: '未完成', mine: '我处理的', me: '我', fromMonitor: '监控告警', from: '起', to: '止', nobody: '未派单',
    wasLate: '曾超时', major: '重大', majorLong: '重大事件', backdated: '补录', reportedAt: '{at} 报告', none: '没有符合条件的事件', noneText: '换个条件试试，或从服务台登记一个新的事件。',
    actions: '可做的操作', nothingToDo: '现在没有需要您做的操作。', note: '说明', sure: '确认“{action}”。', happenedAt: '实际发生时间', happenedHint: '时限按实际时间计算，并标明为补录。', otherTime: '不是现在发生的', lookAgain: '查看最新内容，保留已填的',
    did: '{number} 已{action}', registered: '{number} 已登记', facts: '要素', promises: '时限', people: '人员', takenBy: '受理人', thing: '对象', system: '所属系统', ci: '配置项', location: '地点', alarm: '告警来源', seeMonitor: '查看监控',
    links: '关联', files: '附件', printNow: '打印', print: '打印客户服务受理单', allFields: '全部字段',
    block: { caller: '报告人', what: '事件', agreed: '约定', work: '处理', end: '确认与归档' },
    priorityName: { 1: '紧急', 2: '高', 3: '中', 4: '低', 5: '计划' },
    typeName: { consult: '咨询', fault: '故障', request: '服务请求', complaint: '投诉', suggestion: '建议' },
    channelName: {
      phone: '电话', email: '邮件', fax: '传真', letter: '书面', verbal: '口头', platform: '运维平台', qq: 'QQ', wechat: '微信', portal: '服务网站', mobile: '手机热线', monitor: '监控', inspection: '巡检', other: '其他',
    },
    lineName: { 1: '一线', 2: '二线', 3: '三线' },
    field: {
      title: '标题', description: '故障现象', type: '事件类型', category: '分类', channel: '来源', unit_id: '单位名称', contact_id: '联系人', caller_name: '联系人', caller_phone: '电话', caller_department: '部门', location: '地点', system: '所属系统', ci: '配置项',
      business_reason: '影响业务的具体原因', impact: '影响度', urgency: '紧急度', priority: '优先级', level: '故障级别',
    },
  },
  timeline: {
    unfold: '展开 {n} 项内容', fold: '收起', title: '事件跟踪', none: '还没有处理记录', more: '更早的记录', recordedAt: '{at} 补录', nothing: '空', actor: { user: '用户', system: '系统', token: '接口', import: '导入' },
  },
  desk: {
    blank: '空白的客户服务受理单', keys: '输入号码，回车选人；写下现象；Ctrl Enter 登记。', callerAsk: '来电号码或姓名', unknownCaller: '通讯录里没有。回车后手工填写。', who: '谁来电', otherCaller: '换人', what: '什么事', describe: '现象、开始时间、影响了谁。第一句会成为标题。',
    titleHint: '不填则取现象的第一句。', weight: '多要紧', register: '登记', backdate: '补录（早先发生的）', justLogged: '刚刚登记', justLoggedNone: '登记的来电会列在这里。',
    emptyQueue: '队列里没有待处理的单子', emptyQueueText: '电话、邮件、监控告警进来后都会出现在这里，点“下一时限”按到期先后排列。',
  },
  work: {
    night: '{name}，夜深了。', morning: '{name}，上午好。', afternoon: '{name}，下午好。', evening: '{name}，晚上好。', breaching: '临近或超过时限', waiting_ack: '待您确认接单', assigned: '正在处理', to_confirm: '待客户确认', unassigned: '待派单', unassignedHint: '您能派出去的',
    breachingHint: '先处理这些', waiting_ackHint: '15 分钟不确认会提醒，45 分钟会改派', assignedHint: '派给您的', to_confirmHint: '已解决，等客户确认', none: '手上没有待办', noneText: '派给您的单子、需要确认的事和临近的时限会出现在这里。',
  },
}
