// The records the server speaks of, by hand, following the API contract v1.
// When the generated schema is present, each name here becomes an alias of components['schemas'][…].

export type Id = string
/** RFC 3339 UTC with Z. */
export type Instant = string
/** 2026-11-22 */
export type Day = string

export interface Page<T> { items: T[]; next: string | null }
export interface Named { id: Id; name: string }
export interface ProjectRef { id: Id; code: string; name: string }

export type Permission =
  | 'ticket.read' | 'ticket.create' | 'ticket.act' | 'ticket.confirm' | 'monitor.read' | 'monitor.manage'
  | 'project.read' | 'project.manage' | 'people.read' | 'people.manage' | 'agreement.read' | 'agreement.manage'
  | 'calendar.read' | 'calendar.manage' | 'report.read' | 'report.write' | 'report.approve' | 'channel.read'
  | 'channel.manage' | 'audit.read' | 'settings.manage' | 'token.manage' | 'import.run'

export interface SessionUser { id: Id; login: string; name: string; email: string | null; phone: string | null; language: string | null }
export interface Session { user: SessionUser; must_change_password: boolean; permissions: string[]; projects: ProjectRef[]; expires_at: Instant }

export interface Role { key: string; name: string; description: string; usual_scope?: ScopeKind; permissions: string[] }
export interface User {
  id: Id; login: string; name: string; email: string; phone: string; language?: string; unit_id: Id | null; unit: Named | null; active: boolean
  roles: string[]; locked_until: Instant | null; must_change_password: boolean; last_login_at: Instant | null; version: number
}
export type ScopeKind = 'all' | 'project' | 'unit' | 'own'
export interface Grant { id: Id; role: string; role_name?: string; scope: { kind: ScopeKind; id?: Id | null; name?: string | null } }
export interface Token { id: Id; name: string; expires_on: Day | null; permissions: string[]; created_at?: Instant; last_used_at?: Instant | null }
export interface Unit { id: Id; code: string; name: string; parent_id: Id | null; parent?: Named | null; depth?: number; address: string; hours_calendar: string | null; active: boolean; version: number }
export interface Contact {
  id: Id; unit_id: Id; name: string; phone: string; mobile?: string | null; email?: string | null; department?: string | null
  title?: string | null; vip: boolean; version: number; unit?: Named | null; project?: ProjectRef | null
}
export interface Group { id: Id; project_id: Id; name: string; line: 1 | 2 | 3; member_ids: Id[]; leader_id?: Id | null; members?: Named[]; version: number }

export interface Project {
  id: Id; code: string; name: string; customer_unit_id: Id; customer: Named | null; provider_name: string; starts_on: Day; ends_on: Day
  calendar: string; manager_id: Id | null; manager: Named | null; customer_lead_id: Id | null; customer_lead: Named | null; hotline: string; active: boolean; version: number
}
export interface ProjectAgreement { id?: Id; agreement: string; name?: string; effective_from: Day; effective_to?: Day | null }
export interface Stage { id?: Id; name: string; starts_on: Day; ends_on: Day; sla_counted: boolean }
export interface Member { id: Id; login?: string; name: string; phone: string; email: string; roles: { key: string; name: string }[] }

export interface AgreementTarget { key?: string; target?: string; name: string; duration_seconds?: number | null; calendar?: string | null; text?: string }
export interface AgreementLevel { key: string; name: string; definition: string; targets?: AgreementTarget[] }
export interface Agreement { key: string; name: string; summary: string; source: string; levels: AgreementLevel[]; targets?: AgreementTarget[] }

export interface Calendar { key: string; name: string; timezone: string; years: number[] }
export type DayKind = 'work' | 'rest' | 'holiday' | 'makeup' | 'half'
export interface CalendarDay { date: Day; kind: DayKind; name?: string | null; hours: [string, string][] }

export type FieldType = 'text' | 'longtext' | 'choice' | 'choices' | 'bool' | 'instant' | 'date' | 'number' | 'person' | 'unit' | 'contact' | 'group' | 'project'
export interface FieldOption { value: string | number; label: string; hint?: string }
export interface FieldDef { key: string; label: string; type: FieldType; options?: FieldOption[]; hint?: string; computed?: boolean; required?: boolean }
export interface StateDef { key: string; name: string; kind: string }
export interface ProcessDef { key: string; name: string; version: number; states: StateDef[]; fields: FieldDef[]; actions: { key: string; name: string }[] }

export interface TicketState { key: string; name: string; kind: string }
export interface NextDue { target: string; name: string; due_at: Instant }
export interface TicketRow {
  id: Id; number: string; title: string; process: string; project: ProjectRef; state: TicketState; type: string | null; priority: number | null
  level: string | null; line: number | null; channel: string | null; unit: Named | null; caller_name: string | null; assignee: Named | null; group: Named | null
  major: boolean; reported_at: Instant; created_at: Instant; updated_at: Instant; next_due: NextDue | null; breached: boolean; version: number
}
export type ClockState = 'running' | 'paused' | 'met' | 'breached' | 'cancelled'
export interface Clock {
  target: string; name: string; started_at: Instant; promised_due_at: Instant; due_at: Instant; stopped_at: Instant | null; state: ClockState
  remaining_seconds: number; elapsed_seconds: number; duration_seconds: number; counted: boolean
  negotiated: { by: string; reason: string; at: Instant } | null; calendar: string
}
export interface ActionField { key: string; required: boolean; default?: unknown }
export interface Action {
  key: string; name: string; kind: 'primary' | 'normal' | 'danger'; to_state: string | null; fields: ActionField[]
  note: 'none' | 'optional' | 'required'; hint: string | null
}
export interface Attachment { id: Id; name: string; size: number; type: string; at?: Instant; by?: string }
export interface TicketLink { kind: string; id: Id; number: string; title: string }
export interface TicketDetail extends TicketRow {
  fields: Record<string, unknown>; clocks: Clock[]; actions: Action[]
  people: { created_by: Named | null; assignee: Named | null; group: Named | null; watchers: Named[] }
  attachments: Attachment[]; links: TicketLink[]; alarm?: { monitor_id: Id; alert_id: Id } | null; backdated: boolean
}
export interface Change { field: string; label: string; from: unknown; to: unknown }
export interface TimelineEntry {
  id: Id; seq: number; at: Instant; happened_at: Instant | null; actor: { id?: Id | null; kind: 'user' | 'system' | 'token' | 'import'; name: string }
  action: string; action_name: string; from_state: string | null; to_state: string | null; note: string | null; changes: Change[]; attachments: Attachment[]
}
export interface TicketCounts { total: number; by_state: Record<string, number>; by_priority: Record<string, number>; overdue: number; unassigned: number; more?: boolean }
export interface CallerLookup { contacts: Contact[]; recent: TicketRow[] }
export interface Work { assigned: TicketRow[]; waiting_ack: TicketRow[]; to_confirm: TicketRow[]; breaching: TicketRow[]; counts: Record<string, number> }

export type MonitorKind = 'http' | 'tcp' | 'icmp' | 'dns'
export type MonitorState = 'ok' | 'suspect' | 'warning' | 'critical' | 'recovering' | 'no_data' | 'unknown' | 'unreachable' | 'maintenance' | 'paused'
export interface MonitorRow {
  id: Id; name: string; kind: MonitorKind; target: string; project: ProjectRef; group: string | null; order: number | null; interval_seconds: number; enabled: boolean
  state: MonitorState; level: 'warning' | 'critical' | null; flapping: boolean; last_checked_at: Instant | null; last_value_ms: number | null; since: Instant | null
  open_ticket: { id: Id; number: string } | null; availability_24h: number | null; version: number
}
export interface MonitorDetail extends MonitorRow {
  project_id?: Id; config: Record<string, unknown>; timeout_seconds: number; rule: Record<string, unknown>; system?: string | null; parent_id?: Id | null
}
export interface ProbePhase { name: string; ms: number | null }
export interface ProbeResult { ok: boolean; at?: Instant; error?: string | null; total_ms?: number | null; phases: ProbePhase[]; log: string[]; facts?: Record<string, unknown> }
export interface Series { metric: string; unit: string; step_seconds: number; points: [number, number | null, number | null, number | null][] }
export interface MonitorEvent { id?: Id; at: Instant; from: MonitorState; to: MonitorState; reason: string }
export interface FailedProbe { id?: Id; at: Instant; error: string; total_ms: number | null; phases: ProbePhase[]; log: string[] }
export interface Availability { ratio: number; down_seconds: number; excluded: { reason: string; seconds: number }[]; total_seconds: number }

export interface Alert {
  id: Id; monitor: Named; project?: ProjectRef; level: 'warning' | 'critical'; opened_at: Instant; closed_at: Instant | null; reason: string
  ticket: { id: Id; number: string } | null; suppressed?: string | null
}
export interface Maintenance {
  id: Id; name: string; project_id: Id; project?: ProjectRef; monitor_ids: Id[]; starts_at: Instant; ends_at: Instant; reason: string
  excluded_from_availability: boolean; version: number
}

export type ChannelKind = 'smtp' | 'http' | 'wecom' | 'dingtalk' | 'feishu'
export interface Channel { id: Id; name: string; kind: ChannelKind; config: Record<string, unknown>; fallback_id: Id | null; enabled: boolean; version: number }
export interface Delivery {
  id: Id; channel: Named; recipient: string; subject: string; state: 'pending' | 'sent' | 'dead'; attempts: number; created_at: Instant
  next_attempt_at: Instant | null; sent_at: Instant | null; error: string | null
}
export interface Notice { id: Id; at: Instant; kind: string; title: string; body: string; link: string | null; read_at: Instant | null }

export interface Figure { key: string; label: string; value: number | string | null; unit?: string | null; target?: number | string | null; ok?: boolean | null }
export interface ReportTable { key?: string; title: string; columns: string[]; rows: (string | number | null)[][] }
export interface ReportChart { key?: string; title: string; kind: 'bar' | 'line'; x: string[]; series: { name: string; values: (number | null)[] }[]; unit?: string }
export interface ReportSection { key: string; title: string; text: string; figures: Record<string, unknown> | Figure[]; tables: ReportTable[]; charts: ReportChart[] }
export interface ReportRow { id: Id; kind: string; project: ProjectRef; period: { from: Day; to: Day }; state: 'draft' | 'approved'; approved_by?: string | null; approved_at?: Instant | null; updated_at?: Instant; version: number }
export interface Report extends ReportRow { sections: ReportSection[]; hash?: string | null }

export interface AuditEntry {
  chain?: string; seq: number; at: Instant; actor: { id: Id | null; name: string; kind: string }; ip: string | null; action: string
  object: { kind: string; id: string | null; label: string | null } | null; ok: boolean; detail: unknown; hash: string
}
export interface AuditVerdict { entries?: number; ok: boolean; first_bad?: number | null; chains?: { chain: string; entries: number; ok: boolean }[] }
export interface Version { version: string; commit?: string; built_at?: string }
