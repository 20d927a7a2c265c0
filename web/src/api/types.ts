// The records the server speaks of. What the generated schema knows is an alias of it; what the server is still to
// describe is written by hand after the API contract and becomes an alias with the next `npm run schema`.
import type { components } from './schema'

type Schemas = components['schemas']

export type Id = string
/** RFC 3339 UTC with Z. */
export type Instant = string
/** 2026-11-22 */
export type Day = string

export interface Page<T> {
  items: T[]
  next: string | null
}
export type Named = Schemas['Named']
export type ProjectRef = Schemas['ProjectName']

export type Permission =
  | 'ticket.read'
  | 'ticket.create'
  | 'ticket.act'
  | 'ticket.confirm'
  | 'monitor.read'
  | 'monitor.manage'
  | 'project.read'
  | 'project.manage'
  | 'people.read'
  | 'people.manage'
  | 'access.manage'
  | 'agreement.read'
  | 'agreement.manage'
  | 'calendar.read'
  | 'calendar.manage'
  | 'report.read'
  | 'report.write'
  | 'report.approve'
  | 'channel.read'
  | 'channel.manage'
  | 'audit.read'
  | 'settings.manage'
  | 'token.manage'
  | 'import.run'

export type Session = Schemas['Session']

export type Role = Schemas['RoleInfo']
// Fields a write may leave out are always there in an answer.
export type User = Required<Pick<Schemas['User'], 'active' | 'email' | 'phone' | 'language'>> & Schemas['User']
export type ScopeKind = Schemas['ScopeName']
export type Grant = Schemas['GrantInfo']
export type Token = Schemas['Token']
export type Unit = Required<Pick<Schemas['Unit'], 'active' | 'address'>> & Schemas['Unit']
export type Contact = Required<
  Pick<Schemas['Contact'], 'phone' | 'mobile' | 'email' | 'department' | 'title' | 'vip'>
> &
  Schemas['Contact']
export type Group = Required<Pick<Schemas['Group'], 'member_ids'>> & Schemas['Group']
export type Project = Required<Pick<Schemas['Project'], 'active' | 'hotline'>> & Schemas['Project']
export type Member = Schemas['Member']

export type ProjectAgreement = Required<Pick<Schemas['Period'], 'types'>> & Schemas['Period']
export type ProjectHours = Schemas['HoursPeriod']
export interface Stage {
  id?: Id
  name: string
  starts_on: Day
  ends_on: Day
  sla_counted: boolean
}

export interface AgreementTarget {
  key?: string
  target?: string
  name: string
  duration_seconds?: number | null
  calendar?: string | null
  text?: string
}
export interface AgreementLevel {
  key: string
  name: string
  definition: string
  kinds?: string[]
  targets?: AgreementTarget[]
}
export interface Agreement {
  key: string
  name: string
  summary: string
  source: string
  levels: AgreementLevel[]
  targets?: AgreementTarget[]
}

export interface Calendar {
  key: string
  name: string
  timezone: string
  years: number[]
  missing: number[]
}
export type DayKind = 'work' | 'rest' | 'holiday' | 'makeup' | 'half'
export interface CalendarDay {
  date: Day
  kind: DayKind
  name?: string | null
  hours: [string, string][]
}

/** The definition as people read it: words already in the language on screen. */
export interface FieldOption {
  value: string | number
  label: string
  hint?: string
}
export interface FieldDef {
  key: string
  label: string
  kind: string
  options?: FieldOption[]
  hint?: string
  max?: number
  intake?: string
  when?: string
  usual?: unknown
}
export interface StateDef {
  key: string
  name: string
  kind: string
}
export type LevelOption = Schemas['LevelOption']
export type AgreementOption = Schemas['AgreementOption']
export type ProcessDetail = Omit<Schemas['ProcessDetail'], 'definition'> & { definition: unknown }

export type TicketRow = Schemas['TicketRow']
export type Clock = Schemas['Clock']
export type Action = Schemas['Action']
export type Attachment = Schemas['Attachment']
export type TicketDetail = Schemas['TicketDetail']
export type TimelineEntry = Schemas['TimelineEntry'] & { attachments?: Attachment[] }
export type TicketCounts = Schemas['Counts']
export type CallerContact = Schemas['CallerContact']
export type CallerLookup = Schemas['Calling']
export type Work = Schemas['Work']
export type Task = Schemas['Task']
export type TaskRow = Schemas['TaskRow']
export type SupplierChoice = Schemas['SupplierChoice']
export type Supplier = Schemas['Supplier']
export type SupplierContract = Schemas['Contract']

export type MonitorKind = 'http' | 'tcp' | 'icmp' | 'dns'
export type MonitorState =
  | 'ok'
  | 'suspect'
  | 'warning'
  | 'critical'
  | 'recovering'
  | 'no_data'
  | 'unknown'
  | 'unreachable'
  | 'maintenance'
  | 'paused'
export type MonitorRow = Omit<Schemas['MonitorRow'], 'state' | 'level' | 'kind'> & {
  state: MonitorState
  level?: 'warning' | 'critical' | null
  kind: MonitorKind
}
export type MonitorDetail = MonitorRow & {
  availability_24h?: number | null
  config: Record<string, unknown>
  rule: unknown
  timeout_seconds: number
  parent_id?: Id | null
  reference: boolean
  counts_for_availability: boolean
}
export interface ProbePhase {
  name: string
  ms: number | null
}
export type Series = Schemas['Chart']
export type MonitorEvent = Schemas['EventRow']
export type FailedProbe = Schemas['FailureRow']
export type Tried = Schemas['Tried']
export type Availability = Schemas['SystemAvailability']
export type System = Schemas['System']
export type Outage = Schemas['OutageRow']

export type Alert = Omit<Schemas['AlertRow'], 'level'> & { level: 'warning' | 'critical' }
export type Maintenance = Schemas['Window']

export type ChannelKind = 'smtp' | 'http' | 'wecom' | 'dingtalk' | 'feishu'
export type Channel = Omit<Schemas['Shown'], 'kind' | 'config'> & { kind: ChannelKind; config: Record<string, unknown> }
export type DeliveryState = 'pending' | 'sent' | 'dead' | 'passed_on'
export type Delivery = Omit<Schemas['Delivery'], 'state'> & { state: DeliveryState }
export type Notice = Schemas['Notice']

// The values of figures and cells are numbers or words.
export type Figure = Omit<Schemas['ReportFigure'], 'value'> & { value: number | string | null }
export type ReportTable = Omit<Schemas['ReportTable'], 'rows'> & { rows: (string | number | null)[][] }
export type ReportChart = Schemas['ReportChart']
export type ReportSection = Omit<Schemas['ReportSection'], 'figures' | 'tables'> & {
  figures: Figure[]
  tables: ReportTable[]
}
export type ReportRow = Schemas['ReportRow']
export type Report = Omit<Schemas['Report'], 'sections'> & { sections: ReportSection[] }
export type ReportVerdict = Schemas['ReportVerdict']
export type Sla = Schemas['Sla']
export type SlaVersion = Schemas['SlaVersion']
export type Kpi = Schemas['Kpi']
export type KpiMonth = Schemas['KpiMonth']
export type KpiFigure = Schemas['KpiFigure']
export type KpiIndicator = Schemas['KpiIndicator']

export type AuditEntry = Schemas['Entry']
export type AuditVerdict = Schemas['Verdict']
export type Policy = Schemas['Policy']
export type Settings = Schemas['Settings']
export interface Version {
  version: string
  commit?: string
  built_at?: string
}
