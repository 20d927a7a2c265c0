import type { FieldDef } from '@/api/types'
import { t, te } from '@/app/i18n'
import { formatInstant } from '@/app/time'
import type { ProcessDef } from './process'

export const TYPES = ['consult', 'fault', 'request', 'complaint', 'suggestion']
export const CHANNELS = [
  'phone',
  'email',
  'fax',
  'letter',
  'verbal',
  'platform',
  'qq',
  'wechat',
  'portal',
  'mobile',
  'monitor',
  'inspection',
  'other',
]

const RECORDS = new Set(['user', 'group', 'unit', 'contact'])

export function wordOf(group: string, value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === '') return ''
  const key = `ticket.${group}.${value}`
  return te(key) ? t(key) : String(value)
}

export function fieldOf(process: ProcessDef | undefined, key: string): FieldDef {
  return (
    process?.fields.find((f) => f.key === key) ?? {
      key,
      label: te(`ticket.field.${key}`) ? t(`ticket.field.${key}`) : key,
      kind: 'text',
    }
  )
}

/** A field's value in words. Names of records come in `names`. */
export function valueText(def: FieldDef, value: unknown, names: Record<string, string> = {}): string {
  if (value === null || value === undefined || value === '') return ''
  if (typeof value === 'boolean') return t(value ? 'form.yes' : 'form.no')
  if (Array.isArray(value)) return value.map((v) => valueText(def, v, names)).join('、')
  const option = def.options?.find((o) => String(o.value) === String(value))
  if (option) return option.label
  if (typeof value === 'string' && names[value]) return names[value]
  // Somebody who is no longer in the project: better a blank than an id.
  if (typeof value === 'string' && RECORDS.has(def.kind)) return t('ticket.unknownRecord')
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return formatInstant(value)
  if (typeof value === 'object') {
    const named = value as { name?: unknown }
    if (typeof named.name === 'string') return named.name
    return JSON.stringify(value)
  }
  return String(value)
}

/** How the many fields are told on the page: the form's own blocks. */
export const BLOCKS: { key: string; fields: string[] }[] = [
  {
    key: 'caller',
    fields: [
      'unit_id',
      'contact_id',
      'caller_name',
      'caller_phone',
      'caller_department',
      'location',
      'channel',
      'module_owner',
    ],
  },
  {
    key: 'what',
    fields: [
      'type',
      'category',
      'system',
      'ci',
      'device_type',
      'model',
      'serial_number',
      'install_location',
      'ip_address',
      'software_version',
      'service_item',
      'business_reason',
      'impact',
      'urgency',
      'priority',
      'level',
      'interrupted',
      'outage_started_at',
      'outage_ended_at',
      'major',
    ],
  },
  {
    key: 'agreed',
    fields: [
      'promised_reply_at',
      'agreed_target',
      'agreed_at',
      'agreed_by',
      'agreed_reason',
      'timetable',
      'next_step',
      'miss_reason',
    ],
  },
  {
    key: 'work',
    fields: [
      'handling_mode',
      'remote_consent_by',
      'remote_consent_at',
      'phone_result',
      'vendor_name',
      'vendor_case',
      'backup_done',
      'backup_evidence',
      'cause_category',
      'cause',
      'workaround',
      'solution',
      'resolved_line',
    ],
  },
  {
    key: 'end',
    fields: [
      'customer_confirmed',
      'confirmed_by',
      'satisfaction',
      'satisfaction_reason',
      'close_archive',
      'close_ci_update',
      'close_knowledge',
    ],
  },
]
