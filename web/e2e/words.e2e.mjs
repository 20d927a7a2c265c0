// Walks every page in both languages: no key of ours, no English among the Chinese, no Chinese among the English.
// What people wrote themselves is data and may be in any language; it is read from the API first and taken out.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clientOf, pageOf, settled, startBrowser, startDemo, until } from './harness.mjs'

let server
let browser
let data
const pages = []
before(async () => {
  server = await startDemo()
  browser = await startBrowser()
  const api = await clientOf(server, 'admin')
  await makeTrouble(api)
  data = await whatPeopleWrote(api)
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

/** A refused sign-in and an alarm, so that the pages have faults to tell as well. */
async function makeTrouble(api) {
  await assert.rejects(api.signIn('nobody-of-us', 'not-the-password'))
  const { items } = await api.get('/projects')
  await api.post('/monitors', {
    ...{ name: '无人应答的端口', kind: 'tcp', project_id: items[0].id, config: { host: '127.0.0.1', port: 9 } },
    ...{ interval_seconds: 5, timeout_seconds: 2, parent_id: null },
    rule: {
      conditions: [{ level: 'critical', when: { kind: 'down' }, bad: 1 }],
      ...{ recover_after: 2, retry_seconds: 5, no_data_after: 3 },
    },
  })
  await until(async () => (await list(api, '/tickets?channel=monitor&open=true')).length > 0)
}

const list = async (api, path) => (await api.get(path)).items ?? (await api.get(path))
const OWN = /^(id|at|.*_at|state|kind|process|type|channel|category|target|key|role)$/
/** Every text of a record but the words that are the server's own. */
function texts(record, found) {
  for (const [key, value] of Object.entries(record ?? {})) {
    if (OWN.test(key)) continue
    if (typeof value === 'string') found.add(value)
    else if (value && typeof value === 'object') texts(value, found)
  }
}
async function whatPeopleWrote(api) {
  const found = new Set(['nobody-of-us', 'demo'])
  const open = []
  for (const path of [
    'users',
    'units',
    'contacts',
    'groups',
    'suppliers',
    'projects',
    'monitors',
    'tickets',
    'reports',
  ]) {
    const records = await list(api, `/${path}?limit=200`)
    texts(records, found)
    // The round mark of a person carries the beginning of the name.
    if (path === 'users') for (const { name } of records) found.add(name.slice(0, 2))
    const room = { tickets: 'incidents' }[path] ?? path
    if (['users', 'suppliers', 'projects', 'monitors', 'reports'].includes(path))
      pages.push(`/${room}/${records[0].id}`)
    if (path === 'tickets') open.push(...statesOf(records))
  }
  for (const { id } of open) {
    const { fields } = await api.get(`/tickets/${id}`)
    texts(fields, found)
    for (const { note } of await list(api, `/tickets/${id}/timeline?limit=200`)) if (note) found.add(note)
    pages.push(`/incidents/${id}`)
  }
  // An alarm is written down once, in the words of the day.
  for (const { reason } of await list(api, '/alerts')) found.add(reason)
  for (const { id } of await list(api, '/projects')) texts(await list(api, `/projects/${id}/stages`), found)
  for (const { id } of await list(api, '/projects')) {
    pages.push(`/projects/${id}/sla`, `/projects/${id}/kpi`)
    const { versions, steps } = await api.get(`/projects/${id}/sla`)
    for (const { note } of steps) if (note) found.add(note)
    for (const { number } of versions) texts(await api.get(`/projects/${id}/sla/versions/${number}`), found)
    for (const { conclusion, figures } of (await api.get(`/projects/${id}/kpi`)).months) {
      found.add(conclusion)
      for (const { owner, remedy } of figures) for (const text of [owner, remedy]) found.add(text)
    }
  }
  for (const { key } of await list(api, '/agreements')) pages.push(`/agreements/${key}`)
  return [...found].filter((text) => text.length > 1).sort((a, b) => b.length - a.length)
}
/** One ticket of each state: each offers other actions. */
const statesOf = (tickets) => [...new Map(tickets.map((ticket) => [ticket.state.key, ticket])).values()]

const MENU = [
  ...['/work', '/desk/queue', '/desk/call', '/contacts', '/incidents', '/incidents/new', '/monitors', '/monitors/new'],
  ...[
    '/alerts',
    '/maintenance',
    '/reports',
    '/projects',
    '/projects/new',
    '/agreements',
    '/units',
    '/groups',
    '/suppliers',
    '/monitors/systems',
    '/users',
  ],
  ...['/calendars', '/channels', '/deliveries', '/audit', '/tokens', '/settings', '/profile', '/notices', '/nowhere'],
]

/** What can be read or heard on the page, but for code, addresses, what was typed, and the paper of a report. */
const readable = () => {
  const skip = 'script, style, code, pre, kbd, .mono, article.paper, textarea'
  const found = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (node.data.trim() && !node.parentElement.closest(skip) && node.parentElement.checkVisibility())
      found.push(node.data.trim())
  for (const element of document.querySelectorAll('[placeholder], [aria-label], [title], [alt]'))
    for (const name of ['placeholder', 'aria-label', 'title', 'alt'])
      if (element.getAttribute(name)?.trim() && !element.closest(skip)) found.push(element.getAttribute(name).trim())
  return [...new Set(found)]
}

const KEY = /\b[a-z]\w*(?:\.[a-z]\w*)+\b|\b[a-z]+(?:_[a-z]+)+\b|\{\w+\}/
const CHINESE = /[\u4e00-\u9fff]/
const ENGLISH = /[A-Za-z]{2,}/
/** Names that are not translated. */
const NAMES = new RegExp(
  `\\b(${[
    ...['Anlan', 'API', 'OpenAPI', 'HTTP', 'HTTPS', 'TCP', 'TLS', 'STARTTLS', 'DNS', 'IP', 'ID', 'URL', 'Ping', 'ms'],
    ...[
      'SMTP',
      'OLA',
      'UC',
      'QA',
      'VIP',
      'QQ',
      'PDF',
      'DOCX',
      'XLSX',
      'JSON',
      'YAML',
      'SLA',
      'Ctrl',
      'Enter',
      'Esc',
      'GET',
      'HEAD',
      'POST',
    ],
    ...[
      'INC',
      'English',
      'Asia/Shanghai',
      'MB',
      'KB',
      'A6?',
      'AAAA',
      'CNAME',
      'MX',
      'NS',
      'TXT',
      'II',
      'III',
      'IV',
      'OK',
    ],
  ].join('|')})\\b|https?://|#[0-9a-f]+`,
  'g',
)
const LANGUAGES = {
  'zh-CN': { wrong: ENGLISH, allowed: NAMES, create: /^(新建|导入|生成)/, more: '更多' },
  // 安澜 is the name; 中文 is how a reader of Chinese finds the language.
  en: { wrong: CHINESE, allowed: /安澜|中文/g, create: /^(New|Import|Create|Compute)/, more: 'More' },
}

for (const [language, rules] of Object.entries(LANGUAGES)) {
  test(`every page speaks ${language} alone`, async () => {
    const page = await pageOf(browser, server, 'admin')
    await page.evaluate((value) => localStorage.setItem('anlan.language', value), language)
    const leaks = new Map()
    const read = async (where) => {
      for (const text of await page.evaluate(readable)) {
        const bare = data.reduce((rest, each) => rest.replaceAll(each, ' '), text).replace(rules.allowed, ' ')
        const wrong = KEY.exec(bare) ?? rules.wrong.exec(bare)
        if (wrong && !leaks.has(text)) leaks.set(text, `${where}: “${wrong[0]}” in “${text.slice(0, 120)}”`)
      }
    }
    for (const path of [...MENU, ...pages]) {
      await page.goto(server.base + path)
      await settled(page)
      await read(path)
      if (path.startsWith('/incidents/')) await everyForm(page, () => read(`${path} form`))
      else await firstDialog(page, rules.create, () => read(`${path} dialog`))
    }
    assert.deepEqual([...leaks.values()], [])
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
}

/** Opens what each action asks for, without doing it. */
async function everyForm(page, read) {
  const actions = page.locator('section.acts > .buttons > .el-button')
  for (let at = 0; at < (await actions.count()); at++) {
    await actions.nth(at).click()
    await read()
  }
}

/** Opens the dialog behind “new”, when it is one and not a page of its own. */
async function firstDialog(page, name, read) {
  const button = page.locator('.page-head').getByRole('button', { name }).first()
  if ((await button.count()) === 0 || (await button.locator('xpath=ancestor::a').count()) > 0) return
  await button.click()
  await page.getByRole('dialog').first().waitFor()
  await read()
}
