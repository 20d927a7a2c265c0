export default {
  monitor: {
    exclusion: { maintenance: '计划维护', force_majeure: '不可抗力', unreachable: '仅上级故障', no_data: '没有检测数据', other: '其他约定' },
    one: '监控项', new: '新建监控项', edit: '修改监控项', newHint: '填好地址先“试一下”，再保存。保存后立刻开始检测。', name: '名称', target: '对象', stateLabel: '状态', kindLabel: '类型', response: '响应时间', availability24: '24 小时可用率', lastChecked: '最后检测', since: '起始于', ticket: '事件', group: '分组', interval: '检测间隔', order: '序号', abnormal: '异常',
    onlyAbnormal: '仅显示异常', filterHint: '状态:告警 类型:网站 名称或地址', flapping: '状态抖动', turnedOn: '已启用 {n} 项', turnedOff: '已停用 {n} 项', allWell: '没有异常', allWellText: '所有监控项都正常，或处于维护、停用。', none: '还没有监控项', noneText: '添加一个网址、端口、主机或域名，出问题时自动建单并通知值班人员。',
    state: { ok: '正常', suspect: '待确认', warning: '预警', critical: '告警', recovering: '恢复中', no_data: '无数据', unknown: '未知', unreachable: '不可达', maintenance: '维护中', paused: '已停用' },
    kind: { http: '网站', tcp: 'TCP 端口', icmp: 'Ping', dns: 'DNS' }, kindHint: { http: '状态码、关键字、证书、各阶段耗时', tcp: '端口是否可连，可核对回文', icmp: '主机是否可达、往返与丢包', dns: '解析结果是否正确' },
    what: '监控什么', belongs: '属于谁', when: '多久一次、何时报警', url: '网址', host: '主机名或 IP', port: '端口', domain: '域名', record: '记录类型', packets: '每次发包数', contains: '页面须包含', notContains: '页面不得包含', oneALine: '每行一条', expectStatus: '正常的状态码', method: '请求方法',
    redirect: '遇到跳转', redirects: { follow: '跟随', forbid: '视为失败', judge: '按状态码判断' }, bodyLimit: '最多读取（KB）', connectTo: '实际连接到', connectToHint: '检查负载均衡后面的某一台时填写', sendText: '连接后发送', expectText: '回文须包含', maxLoss: '允许丢包（%）', nameServers: '指定 DNS 服务器', nameServersHint: '每行一个，不填用系统的', expectAnswer: '应解析为',
    more: '更多设置', less: '收起', try: '试一下', tryHint: '立刻检测一次，不保存。', tryOk: '检测成功', tryFailed: '检测失败', groupHint: '如 外网服务器、内网服务器、网络设备', systemHint: '可用率按业务系统统计', parent: '上级监控项', parentHint: '上级不可达时，不再为它单独报警', timeout: '超时（秒）', every: '每 {s}', enabled: '启用监控', reference: '作为参照目标', referenceHint: '如网关、上级节点：参照目标全部不可达时，判断为采集端自身断网，期间不判定任何故障；检测间隔宜短',
    level: '级别', ifWord: '当', down: '检测失败', metricLabel: '指标', above: '大于', below: '小于', threshold: '阈值', days: '天', inARow: '连续', times: '次', addCondition: '添加条件', recoverAfter: '连续成功', recoverTail: '次后恢复', levelsHint: '预警为蓝色，只显示；告警为红色，建单并发短信、邮件。',
    metric: { response_ms: '响应时间', first_byte_ms: '首字节', dns_ms: '域名解析', connect_ms: '建立连接', tls_ms: 'TLS 握手', cert_days: '证书剩余天数', loss: '丢包率', up: '可用' },
    phase: { dns: '解析', connect: '连接', tls: 'TLS', first_byte: '首字节', transfer: '传输', total: '合计' }, fact: { status: '状态码', cert_days: '证书剩余天数', address: '地址', final_url: '最终地址', answers: '解析结果', loss: '丢包率' },
    lasted: '已持续 {span}', notYet: '尚未检测', availability: '可用率', downFor: '中断 {span}', ticketOpen: '处理中', ticketNone: '没有未关闭的事件', history: '历史', span: '时间范围', spans: { '1h': '1 小时', '6h': '6 小时', '24h': '24 小时', '7d': '7 天', '30d': '30 天', '365d': '1 年' }, unzoom: '取消放大', zoomHint: '在图上拖动选取一段时间放大；虚线是预警、告警阈值，断开处没有数据。',
    failures: '失败的检测', events: '状态变化', excluded: '不计入可用率的时段', outages: '中断', outageNow: '仍在中断', noOutages: '这段时间没有中断', allMonitors: '全部', settings: '设置', noSamples: '这段时间没有数据', noSamplesText: '检测到第一个结果后，这里会画出曲线。', noEvents: '没有状态变化', noFailures: '没有失败的检测', noFailuresText: '每次失败都会留下各阶段耗时和完整的检测日志，供查原因。', deleteTitle: '删除“{name}”', deleteText: '停止检测并删除它的设置；历史和事件仍保留。',
  },
  alert: {
    level: { none: '正常', warning: '预警', critical: '告警' }, levelLabel: '级别', monitor: '监控项', reason: '原因', opened: '开始', lasted: '持续', closed: '恢复', target: '对象', which: '显示哪些', open: '未恢复', all: '全部', none: '没有告警', noneText: '监控项越过预警或告警条件时，会出现在这里。',
  },
  maintenance: {
    new: '新建维护窗口', hint: '窗口内不报警；是否计入可用率由您决定。', name: '名称', starts: '开始', ends: '结束', length: '时长', monitors: '监控项', monitorsHint: '不选则为项目的全部监控项', excluded: '不计可用率', excludedLong: '这段时间不计入可用率（计划维护）', reason: '原因', none: '没有维护窗口', noneText: '计划停机前建一个窗口，期间不报警，报告里单独列出。', deleteText: '删除后，期间的异常会照常报警。',
    phase: { past: '已结束', running: '进行中', coming: '未开始' },
  },
}
