// The records the server speaks of. What the generated schema knows is an alias of it; what the server is still to
// describe is written by hand after the API contract and becomes an alias with the next `npm run schema`.
import type { components } from './schema'

type Schemas = components['schemas']

export type Id = string
/** RFC 3339 UTC with Z. */
export type Instant = string
/** 2026-11-22 */
export type Day = string

export interface Page<T> { items: T[]; next: string | null }
export type Named = Schemas['Named']
export type ProjectRef = Schemas['ProjectName']

export type Permission =
  | 'ticket.read' | 'ticket.create' | 'ticket.act' | 'ticket.confirm' | 'monitor.read' | 'monitor.manage'
  | 'project.read' | 'project.manage' | 'people.read' | 'people.manage' | 'access.manage' | 'agreement.read' | 'agreement.manage'
  | 'calendar.read' | 'calendar.manage' | 'report.read' | 'report.write' | 'report.approve' | 'channel.read'
  | 'channel.manage' | 'audit.read' | 'settings.manage' | 'token.manage' | 'import.run'

export type Session = Schemas['Session']

export type Role = Schemas['RoleInfo']
// Fields a write may leave out are always there in an answer.
export type User = Required<Pick<Schemas['User'], 'active' | 'email' | 'phone' | 'language'>> & Schemas['User']
export type ScopeKind = Schemas['ScopeName']
export type Grant = Schemas['GrantInfo']
export type Token = Schemas['Token']
export type Unit = Required<Pick<Schemas['Unit'], 'active' | 'address'>> & Schemas['Unit']
export type Contact = Required<Pick<Schemas['Contact'], 'phone' | 'mobile' | 'email' | 'department' | 'title' | 'vip'>> & Schemas['Contact']
export type Group = Required<Pick<Schemas['Group'], 'member_ids'>> & Schemas['Group']
export type Project = Required<Pick<Schemas['Project'], 'active' | 'hotline'>> & Schemas['Project']
export type Member = Schemas['Member']

export interface ProjectAgreement { id?: Id; agreement: string; name?: string; effective_from: Day; effective_to?: Day | null }
export interface Stage { id?: Id; name: string; starts_on: Day; ends_on: Day; sla_counted: boolean }

export interface AgreementTarget { key?: string; target?: string; name: string; duration_seconds?: number | null; calendar?: string | null; text?: string }
export interface AgreementLevel { key: string; name: string; definition: string; targets?: AgreementTarget[] }
export interface Agreement { key: string; name: string; summary: string; source: string; levels: AgreementLevel[]; targets?: AgreementTarget[] }

export interface Calendar { key: string; name: string; timezone: string; years: number[] }
export type DayKind = 'work' | 'rest' | 'holiday' | 'makeup' | 'half'
export interface CalendarDay { date: Day; kind: DayKind; name?: string | null; hours: [string, string][] }

/** The definition as people read it: words already in the language on screen. */
export interface FieldOption { value: string | number; label: string; hint?: string }
export interface FieldDef { key: string; label: string; kind: string; options?: FieldOption[]; hint?: string; max?: number; intake?: string; when?: string; usual?: unknown }
export interface StateDef { key: string; name: string; kind: string }
export type LevelOption = Schemas['LevelOption']
export type ProcessDetail = Omit<Schemas['ProcessDetail'], 'definition'> & { definition: unknown }

export type TicketRow = Schemas['TicketRow']
export type Clock = Schemas['Clock']
export type Action = Schemas['Action']
export type Attachment = Schemas['Attachment']
export type TicketDetail = Schemas['TicketDetail'] & { alarm?: { monitor_id: Id; alert_id: Id } | null }
export type TimelineEntry = Schemas['TimelineEntry'] & { attachments?: Attachment[] }
export type TicketCounts = Schemas['Counts']
export type CallerContact = Schemas['CallerContact']
export type CallerLookup = Schemas['Calling']
export type Work = Schemas['Work'] & { waiting_ack?: TicketRow[] }

export type MonitorKind = 'http' | 'tcp' | 'icmp' | 'dns'
export type MonitorState = 'ok' | 'suspect' | 'warning' | 'critical' | 'recovering' | 'no_data' | 'unknown' | 'unreachable' | 'maintenance' | 'paused'
export type MonitorRow = Omit<Schemas['MonitorRow'], 'state' | 'level' | 'kind'> & { state: MonitorState; level?: 'warning' | 'critical' | null; kind: MonitorKind }
export type MonitorDetail = MonitorRow & { availability_24h?: number | null; config: Record<string, unknown>; rule: unknown; timeout_seconds: number; parent_id?: Id | null }
export interface ProbePhase { name: string; ms: number | null }
export type Series = Schemas['Chart']
export type MonitorEvent = Schemas['EventRow']
export type FailedProbe = Schemas['FailureRow']
export type Tried = Schemas['Tried']
export type Availability = Schemas['Availability']

export type Alert = Omit<Schemas['AlertRow'], 'level'> & { level: 'warning' | 'critical' }
export type Maintenance = Schemas['Window']

export type ChannelKind = 'smtp' | 'http' | 'wecom' | 'dingtalk' | 'feishu'
export interface Channel { id: Id; name: string; kind: ChannelKind; config: Record<string, unknown>; secrets: string[]; fallback_id?: Id | null; enabled: boolean; version: number }
export type DeliveryState = 'pending' | 'sent' | 'dead' | 'passed_on'
export interface Delivery {
  id: Id; channel: string; channel_id: Id; address: string; kind: string; title: string; link: string; urgent: boolean; state: DeliveryState; attempts: number
  created_at: Instant; due_at: Instant; sent_at?: Instant | null; error: string; receipt: string; origin_id?: Id | null
}
export type Notice = Schemas['Notice']

export interface Figure { key: string; label: string; value: number | string | null; note: string; ok?: boolean | null; rows: boolean }
export interface ReportTable { key: string; title: string; columns: string[]; rows: (string | number | null)[][]; figures: (string | null)[][] }
export interface ReportChart { title: string; kind: 'bar' | 'line'; stacked: boolean; x: string[]; series: { name: string; values: (number | null)[] }[]; unit: string; target?: number | null }
export interface ReportSection { key: string; title: string; text: string; proposal: string; figures: Figure[]; tables: ReportTable[]; charts: ReportChart[] }
export interface ReportRow {
  id: Id; kind: string; project?: ProjectRef | null; period: { month: string; from: Day; to: Day }; state: 'draft' | 'approved'; hash?: string | null
  approved_by?: string | null; approved_at?: Instant | null; created_at: Instant; updated_at: Instant; version: number
}
export interface Report extends ReportRow { title: string; computed_at: Instant; sections: ReportSection[] }
export interface ReportVerdict { ok: boolean; hash?: string | null; computed: string; audited: boolean }

export type AuditEntry = Schemas['Entry']
export type AuditVerdict = Schemas['Verdict']
export interface Version { version: string; commit?: string; built_at?: string }
