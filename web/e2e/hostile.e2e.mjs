// Texts of strangers that would like to be HTML: on every page that shows them they stay text.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client, openPage, PASSWORD, settled, signIn, startBrowser, startServer, until } from './harness.mjs'

// Short enough for the shortest name.
const EVIL = '"><img data-owned src=x onerror=owned=1>'
const named = (text) => `${text} ${EVIL}`

let server
let browser
let page
let api
const made = {}

before(async () => {
  server = await startServer()
  browser = await startBrowser()
  api = new Client(server.base)
  await api.signIn('admin', server.first)
  await api.put('/session/password', { old: server.first, new: PASSWORD })
  await api.signIn('admin', PASSWORD)
  await makeEverything()
  page = await openPage(browser)
  page.on('dialog', (dialog) => {
    page.faults.push(`a dialog: ${dialog.message()}`)
    dialog.dismiss()
  })
  await signIn(page, server.base, 'admin', PASSWORD)
  await page.waitForURL(/\/work/)
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

/** One record of each kind, every free text of it hostile, and an alarm that quotes them. */
async function makeEverything() {
  made.unit = await api.post('/units', { code: 'DW-1', name: named('单位') })
  made.project = await api.post('/projects', {
    ...{ code: 'P-1', name: named('项目'), customer_unit_id: made.unit.id, provider_name: named('公司') },
    ...{ starts_on: '2025-01-01', ends_on: '2099-12-31', calendar: 'office-0900-1800' },
  })
  const { id: project_id } = made.project
  await api.post(`/projects/${project_id}/agreements`, { agreement: 'A', effective_from: '2025-01-01' })
  await api.post(`/projects/${project_id}/stages`, {
    ...{ name: named('阶段'), starts_on: '2025-01-01', ends_on: '2025-02-01', sla_counted: false },
  })
  await api.post('/contacts', { unit_id: made.unit.id, name: named('联系人'), phone: '0731-86210001' })
  await api.post('/groups', { project_id, name: named('支持组'), line: 1 })
  made.monitor = await api.post('/monitors', {
    ...{ name: named('监控'), kind: 'tcp', project_id, config: { host: '127.0.0.1', port: 9 } },
    ...{ interval_seconds: 5, timeout_seconds: 2, parent_id: null, system: named('系统') },
    rule: {
      conditions: [{ level: 'critical', when: { kind: 'down' }, bad: 1 }],
      ...{ recover_after: 2, retry_seconds: 5, no_data_after: 3 },
    },
  })
  const fields = {
    ...{ title: named('标题'), description: named('描述'), type: 'fault', channel: 'phone' },
    ...{ unit_id: made.unit.id, caller_name: named('人'), caller_phone: '0731-86210001' },
    ...{ business_reason: named('原因'), system: named('系统'), location: named('地点'), impact: 2, urgency: 2 },
  }
  made.ticket = await api.post('/tickets', { process: 'incident', project_id, fields })
  const note = { fields: {}, note: named('补充') }
  await api.send('POST', `/tickets/${made.ticket.id}/actions/add_note`, note, made.ticket.version)
  await assert.rejects(api.signIn(named('陌生人'), 'not-the-password'))
  await until(async () => (await api.get('/tickets?channel=monitor')).items.length > 0)
}

/** What came of it: elements that were text, and scripts that ran. */
async function harm() {
  const found = await page.evaluate(() => [document.querySelectorAll('[data-owned]').length, globalThis.owned])
  return { elements: found[0], ran: found[1] ?? 0, faults: page.faults }
}
const NONE = { elements: 0, ran: 0, faults: [] }

test('lists, records and forms show it as it was written', async () => {
  const rooms = [
    ...['/work', '/desk/queue', '/incidents', `/incidents/${made.ticket.id}`, '/monitors', '/alerts', '/maintenance'],
    ...[`/monitors/${made.monitor.id}`, `/monitors/${made.monitor.id}/edit`, '/units', '/contacts', '/groups'],
    ...['/projects', `/projects/${made.project.id}`, `/projects/${made.project.id}/edit`, '/audit', '/notices'],
  ]
  for (const room of rooms) {
    await page.goto(server.base + room)
    await settled(page)
    assert.deepEqual(await harm(), NONE, room)
  }
  await page.goto(`${server.base}/incidents/${made.ticket.id}`)
  await page.getByRole('heading', { level: 1 }).filter({ hasText: '<img data-owned' }).waitFor()
  await page.getByText(named('补充')).first().waitFor()
})

test('what looks things up shows it as it was written', async () => {
  await page.goto(`${server.base}/work`)
  await settled(page)
  await page.keyboard.press('c')
  await page.waitForURL(/\/desk\/call/)
  await page.keyboard.type('86210001')
  await page
    .getByRole('option')
    .filter({ hasText: named('联系人') })
    .waitFor()
  assert.deepEqual(await harm(), NONE)
  await page.keyboard.press('Control+K')
  await page.keyboard.type('data-owned')
  await page.getByRole('option').first().waitFor()
  assert.deepEqual(await harm(), NONE)
})

test('the printed form shows it as it was written', async () => {
  const path = `/api/v1/tickets/${made.ticket.id}/forms/F-01?format=html`
  await page.goto(server.base + path)
  await page.getByText(named('描述')).first().waitFor()
  // Printing may not run anything, so neither may a test look from inside: the page is read as text.
  assert.equal(await page.locator('[data-owned]').count(), 0)
})

test('the report shows it as it was written', async () => {
  const month = new Date().toISOString().slice(0, 7)
  const report = await api.post('/reports', { project_id: made.project.id, kind: 'monthly', month })
  await page.goto(`${server.base}/reports/${report.id}`)
  await settled(page)
  await page.getByText(named('监控')).first().waitFor()
  assert.deepEqual(await harm(), NONE)
})
