export default {
  app: { name: '安澜', tagline: '一体化运维平台' },
  act: {
    cancel: '取消', save: '保存', delete: '删除', edit: '编辑', clear: '清除', retry: '重试', more: '更多', export: '导出', add: '添加', close: '关闭', test: '测试', copy: '复制',
    copied: '已复制', back: '返回', refresh: '刷新', enable: '启用', disable: '停用', download: '下载',
  },
  state: { loading: '正在读取', searching: '正在查找…', enabled: '启用', disabled: '停用', saved: '已保存' },
  time: {
    dh: '{d} 天 {h} 小时', d: '{d} 天', hm: '{h} 小时 {m} 分', h: '{h} 小时', m: '{m} 分', s: '{s} 秒', ago: '{span}前', in: '{span}后', now: '刚刚',
  },
  clock: {
    left: '剩 {span}', late: '超时 {span}', paused: '已暂停', pausedLeft: '暂停，还剩 {span}', met: '按时，用时 {span}', cancelled: '不再计时', before: '{at} 之前', all: '全部 {n} 个时限', allDone: '所有承诺都已了结。',
    noPromise: '这张单没有承诺时限。', agreed: '原定 {at}', agreedWhy: '与用户约定：{reason}（{by}）', notCounted: '不计入考核',
  },
  form: {
    mend: '没有保存，有 {n} 处需要修改：', required: '必填', choose: '请选择', search: '输入关键字查找', searchPerson: '姓名或账号', pickTime: '选择时间', pickDay: '选择日期', yes: '是', no: '否', restored: '已恢复上次未提交的内容。', discard: '清空重填',
  },
  list: {
    selected: '已选 {n} 项', selectAll: '全选本页', select: '选择此行', news: '有 {n} 项新变化，点此刷新', empty: '没有符合条件的记录', columns: '选择列', restoreColumns: '恢复默认列', page: '第 {n} 页', previous: '上一页',
    next: '下一页', exporting: '已读取 {n} 行',
  },
  filter: {
    label: '筛选', hint: '状态:处理中 级别:一级 超时', remove: '去掉条件：{what}', unknown: '没有这样的取值：{words}', views: '视图', noViews: '先筛选，再把条件存为视图，下次一点即用。', viewName: '视图名称',
  },
  upload: { hint: '点此选择、拖入或粘贴文件' },
  error: {
    title: '没能读取这些内容', missingTitle: '找不到这条记录', missing: '它可能已被移走，或者您没有查看它的权限。', offlineTitle: '连接不上服务器', offline: '连接不上服务器。请检查网络；已填写的内容仍在，可以稍后重试。',
    server: '服务器出了差错，没有保存任何内容。请稍后重试；若仍不行，请把时间告诉管理员。', unknown: '请求没有成功（{status}）。', bad_credentials: '账号或密码不对。', locked: '账号已锁定，请稍后再试或联系管理员。',
    csrf: '页面已过期，请刷新后重试。', stale_version: '别人刚刚改过这条记录。', version_required: '页面已过期，请刷新后重试。', http_403: '您没有做这件事的权限。', http_404: '找不到这条记录。', http_413: '文件太大。', http_429: '操作太频繁，请稍候再试。',
  },
  shell: {
    skip: '跳到正文', menu: '菜单', tabs: '常用', switchProject: '切换项目', allProjects: '全部项目', search: '搜索单号、监控或页面', alarms: '告警 {red} 个，预警 {blue} 个', person: '{name} 的菜单', theme: '外观',
    themes: { auto: '自动', light: '浅色', dark: '深色' }, language: '语言', lost: '实时更新已断开，正在重新连接；页面内容可能不是最新的。', missing: '没有这个页面', missingText: '地址可能写错了，或者您没有打开它的权限。',
  },
  palette: { hint: '输入单号、标题、监控名称或页面', pages: '页面', commands: '命令', tickets: '单子', monitors: '监控', none: '没有找到。换个词试试。', light: '切换到浅色', dark: '切换到深色' },
  menu: {
    bench: '工作台', work: '我的待办', desk: '服务台', queue: '受理队列', call: '来电登记', contacts: '客户与联系人', process: '流程', incidents: '事件', watch: '监控', monitors: '监控项', alerts: '告警', maintenance: '维护窗口',
    report: '报告', reports: '服务报告', project: '项目', projects: '项目与合同', agreements: '服务协议', units: '单位', groups: '支持组', system: '系统', users: '用户与角色', calendars: '日历', channels: '通知渠道',
    deliveries: '发送记录', audit: '审计', tokens: 'API 令牌', settings: '设置', profile: '个人资料',
  },
  tabs: { report: '报修', work: '待办', tickets: '工单', call: '登记', alerts: '告警', more: '更多' },
  session: {
    signIn: '登录', login: '账号', password: '密码', enter: '登录', forgot: '忘记密码或账号被锁，请联系系统管理员。', expired: '登录已过期。重新登录后回到刚才的页面。', signOut: '退出登录', change: '修改密码',
    forced: '这是首次登录或密码已被重置，请先设置自己的密码。', rule: '至少 10 个字符，不能与账号相同。', old: '当前密码', new: '新密码', again: '再输一次新密码', differs: '两次输入不一致。', changed: '密码已修改。',
  },
  notice: { title: '消息', bell: '消息，{n} 条未读', readAll: '全部已读', none: '没有消息', noneText: '派给您的单子、临近的时限和告警会在这里提醒。', all: '查看全部消息', unread: '未读', onlyUnread: '只看未读' },
}
