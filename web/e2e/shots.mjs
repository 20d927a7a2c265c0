// Looks at every page of a running server, as somebody signed in:
//   node e2e/shots.mjs http://127.0.0.1:8080 login password [only] [looks]
// Pictures go to e2e/shots; what axe finds, faults and pages wider than the window go to the console.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Client, openPage, signIn, startBrowser } from './harness.mjs'

const [base, login, password, only = '.', looks = 'wide-light,wide-dark,phone-light'] = process.argv.slice(2)
if (!password) throw new Error('node e2e/shots.mjs <address> <login> <password> [only] [looks]')
const out = fileURLToPath(new URL('./shots/', import.meta.url))
mkdirSync(out, { recursive: true })
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const api = new Client(base)
await api.signIn(login, password)
/** The first record of a list, or nothing when there is none or it may not be seen. */
const first = async (path) =>
  api.get(path).then(
    (found) => (found.items ?? found)[0],
    () => undefined,
  )
const details = [
  ['incident', '/tickets?open=true&limit=1', 'incidents', 'id'],
  ['monitor', '/monitors', 'monitors', 'id'],
  ['project', '/projects', 'projects', 'id'],
  ['supplier', '/suppliers', 'suppliers', 'id'],
  ['agreement', '/agreements', 'agreements', 'key'],
  ['user', '/users', 'users', 'id'],
  ['report', '/reports', 'reports', 'id'],
]
const pages = [
  ...[
    'work',
    'desk/queue',
    'desk/call',
    'incidents',
    'incidents/new',
    'monitors',
    'monitors/new',
    'monitors/systems',
    'alerts',
    'maintenance',
  ],
  ...[
    'projects',
    'agreements',
    'units',
    'contacts',
    'groups',
    'suppliers',
    'users',
    'calendars',
    'channels',
    'deliveries',
    'reports',
  ],
  ...['audit', 'tokens', 'settings', 'profile', 'notices'],
].map((path) => [path.replace('/', '-'), `/${path}`])
for (const [name, list, room, key] of details) {
  const record = await first(list)
  if (record) pages.push([name, `/${room}/${record[key]}`])
}

const project = await first('/projects')
if (project) for (const page of ['sla', 'kpi']) pages.push([page, `/projects/${project.id}/${page}`])

const browser = await startBrowser()
let serious = 0
for (const look of looks.split(',')) {
  const [size, theme, language = 'zh-CN'] = look.split('-')
  const phone = size === 'phone'
  const viewport = phone ? { width: 390, height: 844 } : { width: 1440, height: 900 }
  const page = await openPage(browser, { viewport, deviceScaleFactor: phone ? 2 : 1, hasTouch: phone, isMobile: phone })
  await page.context().addInitScript(
    ([theme, language]) => {
      localStorage.setItem('anlan.theme', theme)
      localStorage.setItem('anlan.language', language)
    },
    [theme, language],
  )
  await signIn(page, base, login, password)
  await page.waitForURL(/\/work/)
  for (const [name, path] of pages.filter(([name]) => new RegExp(only).test(name))) {
    await page.goto(base + path, { waitUntil: 'domcontentloaded' })
    await page.locator('main').first().waitFor()
    await page.waitForFunction(() => !document.querySelector('.bones'))
    await page.waitForTimeout(500) // charts draw themselves
    await page.screenshot({ path: `${out}${name}.${look}.png`, fullPage: process.env.FULL === '1' })
    await page.evaluate(axe)
    const found = await page.evaluate(async () => {
      const result = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] })
      const bad = result.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
      return bad.map(
        (v) =>
          `${v.id}: ${v.nodes
            .slice(0, 3)
            .map((n) => n.target.join(' '))
            .join(' | ')}`,
      )
    })
    serious += found.length
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    console.log(
      [`${look} ${name}`, over > 1 ? `wider by ${over}px` : '', ...found, ...page.faults.splice(0)]
        .filter(Boolean)
        .join('\n  '),
    )
  }
  await page.context().close()
}
await browser.close()
process.exitCode = serious ? 1 : 0
