export default {
  probe: {
    log: {
      resolved: '解析 {name} → {addresses}', connected: '已连接 {address}', connect_failed: '连接 {address} 失败：{error}', tls_agreed: '协商 {version}，{cipher}', certificate: '证书 {subject}，由 {issuer} 签发，剩余 {days_left} 天',
      certificate_problem: '证书问题：{problem}，是否容许：{tolerated}', requested: '请求 {method} {url}', responded: '应答 {status}，{version}', header: '应答头 {name}: {value}', redirected: '跳转到 {to}', body: '正文 {bytes} 字节，是否截断：{truncated}，字符集：{charset}',
      excerpt: '内容开头：{text}', reply: '第 {packet} 个包有应答，往返 {rtt_us}', lost: '第 {packet} 个包无应答', answered: '{record} 记录的应答：{values}', more: '另有 {lines} 行未记录',
    },
    certificate: { expired: '已过期', not_yet_valid: '尚未生效', self_signed: '自签名', untrusted_chain: '证书链不受信任', wrong_host: '域名不符', invalid: '证书无效' },
    event: {
      suspected: '疑似{level}', cleared: '排除', opened: '{level}开始', upgraded: '升为{level}', downgraded: '降为{level}', recovering: '开始恢复', relapsed: '再次异常', recovered: '恢复正常', outage_began: '服务中断', outage_ended: '中断结束', flapping_started: '开始抖动（{percent}%）',
      flapping_stopped: '抖动停止', data_lost: '没有数据', data_returned: '又有数据', maintenance_entered: '进入维护窗口', maintenance_left: '离开维护窗口', unreachable_entered: '上级异常，标为不可达', unreachable_left: '不再受上级影响', held: '暂不通知',
    },
    reason: {
      above: '{metric} {value}，高于 {limit}', below: '{metric} {value}，低于 {limit}', good: '连续 {samples} 次正常', eased: '高一级的条件已不成立', rule_changed: '规则已修改', changes: '状态变化过于频繁', silence: '超过规定时间没有结果', prober: '检测端自身异常，不能说明对象有问题',
      result: '收到新的结果', maintenance: '维护窗口', parent: '上级监控项', suppressed: '已抑制',
    },
    hold: { maintenance: '处于维护窗口', parent_down: '上级已告警', parent_pending: '正在确认是否上级故障', prober_offline: '检测端断网', settling: '等待恢复稳定', recovering: '最近一次已正常', flapping: '状态抖动中' },
    code: {
      timeout: '超时', name_not_found: '域名不存在', name_without_address: '域名没有地址', name_server_error: '域名服务器返回错误', name_server_silent: '域名服务器无应答', connect_refused: '拒绝连接', host_unreachable: '主机不可达', connect_failed: '连接失败', closed_early: '连接被提前关闭', connection_reset: '连接被重置',
      not_tls: '对端不是 TLS', tls_incompatible: 'TLS 版本或算法不兼容', tls_failed: 'TLS 握手失败', certificate: '证书不可接受', not_http: '应答不是 HTTP', header_too_large: '应答头过大', unexpected_status: '状态码不在预期之内', keyword_missing: '缺少关键字', keyword_present: '出现禁止的内容', body_too_large: '正文过大',
      body_broken: '正文不完整', too_much_data: '数据过多', bad_compression: '压缩数据损坏', too_many_redirects: '跳转过多', redirect_loop: '循环跳转', redirect_forbidden: '不允许跳转', redirect_invalid: '跳转地址无效', wrong_landing: '跳转到了别处', banner_mismatch: '回文不符', no_reply: '没有应答', packet_loss: '丢包过多',
      icmp_unreachable: '网络报告不可达', no_record: '没有这类记录', unexpected_answer: '解析结果不符',
    },
  },
}
