// Looks at every page: node e2e/shots.mjs [base] [only]. Pictures in e2e/shots, axe findings on the console.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const base = process.argv[2] ?? 'http://127.0.0.1:8098'
const only = process.argv[3] ? new RegExp(process.argv[3]) : /./
const looks = (process.argv[4] ?? 'wide-light,wide-dark,phone-light').split(',')
const out = fileURLToPath(new URL('./shots/', import.meta.url))
mkdirSync(out, { recursive: true })
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const first = async (path) => { const r = await (await fetch(`${base}/api/v1${path}`)).json(); return r.items?.[0]?.id ?? r[0]?.id ?? r[0]?.key }
const incident = (await (await fetch(`${base}/api/v1/tickets?state=working&limit=1`)).json()).items?.[0]?.id
const PAGES = [
  ['sign-in', '/sign-in'], ['work', '/work'], ['queue', '/desk/queue'], ['call', '/desk/call'], ['incidents', '/incidents'], ['incident', `/incidents/${incident}`], ['incident-new', '/incidents/new'], ['monitors', '/monitors'], ['monitor', `/monitors/${await first('/monitors')}`], ['monitor-new', '/monitors/new'], ['alerts', '/alerts'],
  ['maintenance', '/maintenance'], ['projects', '/projects'], ['project', `/projects/${await first('/projects')}`], ['agreements', '/agreements'], ['units', '/units'], ['contacts', '/contacts'], ['groups', '/groups'], ['users', '/users'], ['user', `/users/${await first('/users')}`], ['calendars', '/calendars'], ['channels', '/channels'],
  ['deliveries', '/deliveries'], ['reports', '/reports'], ['report', `/reports/${await first('/reports')}`], ['audit', '/audit'], ['tokens', '/tokens'], ['settings', '/settings'], ['profile', '/profile'], ['notices', '/notices'],
].filter(([name]) => only.test(name))

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking'] })
let serious = 0
for (const look of looks) {
  const [size, theme] = look.split('-')
  const context = await browser.newContext({ viewport: size === 'wide' ? { width: 1440, height: 900 } : { width: 390, height: 844 }, deviceScaleFactor: size === 'wide' ? 1 : 2, hasTouch: size === 'phone', isMobile: size === 'phone', locale: 'zh-CN' })
  await context.addInitScript((value) => localStorage.setItem('anlan.theme', value), theme)
  const page = await context.newPage()
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) console.log(`  [${message.type()}] ${message.text()}`) })
  page.on('pageerror', (error) => console.log(`  [pageerror] ${error.message}`))
  for (const [name, path] of PAGES) {
    await context.addCookies([{ name: 'fixture', value: name === 'sign-in' ? 'out' : (process.env.FIXTURE ?? 'on'), url: base }])
    await page.goto(base + path, { waitUntil: 'domcontentloaded' })
    await page.waitForTimeout(process.env.FIXTURE === 'fail' ? 4000 : 900)
    await page.screenshot({ path: `${out}${name}.${look}.png`, fullPage: process.env.FULL === '1' })
    await page.evaluate(axe)
    const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] }).then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`)))
    serious += found.length
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    console.log(`${look} ${name}${overflow > 1 ? ` OVERFLOW ${overflow}px` : ''}${found.length ? `\n  ${found.join('\n  ')}` : ''}`)
  }
  await context.close()
}
await browser.close()
process.exitCode = serious ? 1 : 0
