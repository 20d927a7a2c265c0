export default {
  monitor: { new: 'New monitor', state: { ok: 'Normal', suspect: 'Checking', warning: 'Warning', critical: 'Critical', recovering: 'Recovering', no_data: 'No data', unknown: 'Unknown', unreachable: 'Unreachable', maintenance: 'Maintenance', paused: 'Paused' } },
  alert: { level: { none: 'Normal', warning: 'Warning', critical: 'Critical' } },
}
