import { computed, type Ref } from 'vue'
import { i18n, t } from '@/app/i18n'
import type { Facet } from '@/ui/filterText'
import { wallToInstant } from '@/app/time'
import { CHANNELS, TYPES, wordOf } from './labels'
import type { ProcessDef } from './process'

export const FILTER_KEYS = [
  'state',
  'priority',
  'level',
  'type',
  'line',
  'channel',
  'assignee',
  'unit',
  'group',
  'major',
  'overdue',
  'unanswered',
  'open',
  'q',
  'from',
  'to',
  'sort',
]

/** What the filter text understands; the words of both languages are taken, whichever is on screen. */
export function useTicketFacets(process: Ref<ProcessDef | undefined>) {
  return computed<Facet[]>(() => {
    // Read so that the words follow the language.
    void i18n.global.locale.value
    const words = (group: string, values: (string | number)[]) =>
      values.map((v) => ({ value: String(v), label: wordOf(group, v) }))
    return [
      {
        key: 'state',
        labels: [t('ticket.state'), '状态', 'state'],
        kind: 'choice',
        many: true,
        options: (process.value?.states ?? []).map((s) => ({ value: s.key, label: s.name })),
      },
      {
        key: 'level',
        labels: [t('ticket.level'), '级别', 'level'],
        kind: process.value?.levels.length ? 'choice' : 'text',
        options: (process.value?.levels ?? []).map((l) => ({ value: l.key, label: l.name })),
      },
      {
        key: 'priority',
        labels: [t('ticket.priority'), '优先级', 'priority'],
        kind: 'choice',
        options: words('priorityName', [1, 2, 3, 4, 5]),
      },
      { key: 'type', labels: [t('ticket.type'), '类型', 'type'], kind: 'choice', options: words('typeName', TYPES) },
      {
        key: 'channel',
        labels: [t('ticket.channel'), '来源', 'channel'],
        kind: 'choice',
        options: words('channelName', CHANNELS),
      },
      {
        key: 'line',
        labels: [t('ticket.line'), '支持线', 'line'],
        kind: 'choice',
        options: words('lineName', [1, 2, 3]),
      },
      { key: 'overdue', labels: [t('ticket.overdue'), '超时', 'overdue'], kind: 'flag' },
      { key: 'unanswered', labels: [t('ticket.unanswered'), '当天未答复', 'unanswered'], kind: 'text' },
      { key: 'open', labels: [t('ticket.openOnly'), '未完成', 'open'], kind: 'flag' },
      {
        key: 'assignee',
        labels: [t('ticket.assignee'), '处理人', 'assignee'],
        kind: 'choice',
        options: [
          { value: 'me', label: t('ticket.me') },
          { value: 'none', label: t('ticket.nobody') },
        ],
      },
      { key: 'major', labels: [t('ticket.major'), '重大', 'major'], kind: 'flag' },
      { key: 'from', labels: [t('ticket.from'), '起', 'from'], kind: 'text' },
      { key: 'to', labels: [t('ticket.to'), '止', 'to'], kind: 'text' },
    ]
  })
}

/** Days as people type them become the instants the server asks for. */
export function askOf(filters: Record<string, string>): Record<string, string | undefined> {
  const edge = (day: string | undefined, time: string) =>
    day && /^\d{4}-\d{2}-\d{2}$/.test(day) ? (wallToInstant(`${day} ${time}`) ?? undefined) : day
  return { ...filters, from: edge(filters.from, '00:00:00'), to: edge(filters.to, '23:59:59') }
}
