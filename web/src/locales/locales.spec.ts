import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from './en'
import zh from './zh-CN'

type Tree = { [key: string]: string | Tree }
function flat(tree: Tree, head = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(tree).map(([k, v]) => (typeof v === 'string' ? { [head + k]: v } : flat(v, `${head}${k}.`))),
  ) as Record<string, string>
}
const chinese = flat(zh as unknown as Tree)
const english = flat(en as unknown as Tree)
const root = join(__dirname, '..')
const sources = (readdirSync(root, { recursive: true }) as string[])
  .filter((f) => /\.(vue|ts)$/.test(f) && !/\.spec\.ts$|^locales\//.test(f))
  .map((f) => [f, readFileSync(join(root, f), 'utf8')] as const)

describe('the words', () => {
  it('are the same keys in both languages', () => {
    expect(Object.keys(english).sort()).toEqual(Object.keys(chinese).sort())
  })

  it('take the same values in both languages', () => {
    const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
    for (const key of Object.keys(chinese))
      expect([key, holes(english[key] ?? '')]).toEqual([key, holes(chinese[key]!)])
  })

  it('are Chinese in zh-CN, but for names that are not translated', () => {
    const names = /^(Ping|DNS|TLS|STARTTLS|QQ|VIP)$/
    const bare = Object.entries(chinese).filter(
      ([, text]) => !/[\u4e00-\u9fff]/.test(text) && !names.test(text) && !/^\{\w+\}(\{\w+\})*$/.test(text),
    )
    expect(bare).toEqual([])
  })

  it('carry a space between Chinese and Latin', () => {
    const glued = Object.entries(chinese).filter(([, text]) =>
      /[\u4e00-\u9fff][A-Za-z]|[A-Za-z][\u4e00-\u9fff]/.test(text.replace(/\{[^}]*\}/g, '')),
    )
    expect(glued).toEqual([])
  })

  it('are not Chinese in English', () => {
    expect(Object.entries(english).filter(([, text]) => /[\u4e00-\u9fff]/.test(text))).toEqual([])
  })

  it('exist for every key the pages name', () => {
    const missing = new Set<string>()
    for (const [file, text] of sources) {
      for (const m of text.matchAll(/\bt\(\s*'([a-z][\w]*(?:\.\w+)+)'/gi))
        if (!(m[1]! in chinese)) missing.add(`${file}: ${m[1]}`)
      for (const m of text.matchAll(/\$t\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g)) {
        for (const key of m[1]!.matchAll(/'([a-z]\w*(?:\.\w+)+)'/gi))
          if (!(key[1]! in chinese)) missing.add(`${file}: ${key[1]}`)
      }
      for (const m of text.matchAll(/title: '([a-z]\w*(?:\.\w+)+)'/g))
        if (!(m[1]! in chinese)) missing.add(`${file}: ${m[1]}`)
      // `monitor.state.${state}`: at least the branch must be there.
      for (const m of text.matchAll(/t\(`([a-z]\w*(?:\.\w+)*)\.\$\{/gi))
        if (!Object.keys(chinese).some((k) => k.startsWith(`${m[1]}.`))) missing.add(`${file}: ${m[1]}.*`)
    }
    expect([...missing]).toEqual([])
  })

  it('are nowhere written into a page', () => {
    const allowed = /labels: \[|'状态'|'级别'|'操作'|'结果'|'角色'|'中文'|>中文<|'、'|：/
    const found: string[] = []
    for (const [file, text] of sources) {
      for (const line of text.replace(/<!--[\s\S]*?-->|\/\*[\s\S]*?\*\//g, '').split('\n')) {
        if (/[\u4e00-\u9fff]/.test(line.replace(/\/\/.*$/, '')) && !allowed.test(line))
          found.push(`${file}: ${line.trim().slice(0, 80)}`)
      }
    }
    expect(found).toEqual([])
  })
})
