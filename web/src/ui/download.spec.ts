import { describe, expect, it } from 'vitest'
import { csvCell, toCsv } from './download'

describe('a list as a file', () => {
  it('quotes what needs it', () => {
    expect(csvCell('a,"b"\nc')).toBe('"a,""b""\nc"')
    expect(csvCell(null)).toBe('')
  })
  it.each(['=HYPERLINK("http://evil")', '+1+1', '@SUM(A1)', '-2+3'])('never lets a spreadsheet run %s', (text) => {
    expect(csvCell(text).replace(/^"/, '')).toMatch(/^'/)
  })
  it('leaves numbers alone', () => expect(csvCell(-3.5)).toBe('-3.5'))
  it('begins with the mark that lets WPS read Chinese', () =>
    expect(toCsv(['编号'], [['INC-1']])).toBe('\uFEFF编号\r\nINC-1\r\n'))
})
