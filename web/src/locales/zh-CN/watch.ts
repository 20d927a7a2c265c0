export default {
  monitor: { new: '新建监控项', state: { ok: '正常', suspect: '待确认', warning: '预警', critical: '告警', recovering: '恢复中', no_data: '无数据', unknown: '未知', unreachable: '不可达', maintenance: '维护中', paused: '已停用' } },
  alert: { level: { none: '正常', warning: '预警', critical: '告警' } },
}
