import { describe, expect, it } from 'vitest'
import { labelOf, parseFilterText, suggest, tokensOf, type Facet } from './filterText'

const facets: Facet[] = [
  {
    key: 'state',
    labels: ['状态', 'state'],
    kind: 'choice',
    many: true,
    options: [
      { value: 'handling', label: '处理中' },
      { value: 'new', label: '待受理' },
    ],
  },
  {
    key: 'level',
    labels: ['级别', 'level'],
    kind: 'choice',
    options: [
      { value: 'L1', label: '一级' },
      { value: 'L2', label: '二级' },
    ],
  },
  { key: 'overdue', labels: ['超时', 'overdue'], kind: 'flag' },
  { key: 'group', labels: ['分组'], kind: 'text' },
]

describe('the filter text', () => {
  it('is understood as people write it', () => {
    expect(parseFilterText('状态:处理中 级别:一级 超时', facets)).toEqual({
      values: { state: 'handling', level: 'L1', overdue: 'true' },
      unknown: [],
    })
  })
  it('takes the full-width colon, the other language and the key of a value', () => {
    expect(parseFilterText('状态：处理中 LEVEL:l2', facets).values).toEqual({ state: 'handling', level: 'L2' })
  })
  it('takes several values of one facet', () => {
    expect(parseFilterText('状态:处理中,待受理', facets).values.state).toBe('handling,new')
    expect(parseFilterText('状态:处理中 状态:待受理', facets).values.state).toBe('handling,new')
  })
  it('searches for what is left over', () => {
    expect(parseFilterText('门户 502 超时', facets).values).toEqual({ overdue: 'true', q: '门户 502' })
    expect(parseFilterText('"超时"', facets).values).toEqual({ q: '超时' })
    expect(parseFilterText('http://a.example/x', facets).values).toEqual({ q: 'http://a.example/x' })
  })
  it('keeps quoted words together', () => {
    expect(tokensOf('分组:"外网 服务器" x')).toEqual(['分组:"外网 服务器"', 'x'])
    expect(parseFilterText('分组:"外网 服务器"', facets).values.group).toBe('外网 服务器')
  })
  it('names a value nobody knows instead of dropping it', () => {
    expect(parseFilterText('状态:飞走了', facets)).toEqual({ values: {}, unknown: ['状态:飞走了'] })
  })
  it('suggests facets, then their values', () => {
    expect(suggest('状', facets)[0]).toEqual({ text: '状态:', label: '状态:…' })
    expect(suggest('超时 级别:二', facets)[0]).toEqual({ text: '超时 级别:二级 ', label: '级别:二级' })
  })
  it('is told back in words', () => {
    expect(labelOf(facets[0]!, 'handling,new')).toBe('状态: 处理中、待受理')
    expect(labelOf(facets[2]!, 'true')).toBe('超时')
  })
})
