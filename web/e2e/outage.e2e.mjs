// The whole story: a real web server dies, is noticed, handled in the browser, comes back, and the
// month's report tells it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client, openPage, PASSWORD, signIn, startBrowser, startNginx, startServer } from './harness.mjs'

let server
let browser
let nginx
let page
const made = {}

before(async () => {
  server = await startServer()
  browser = await startBrowser()
  nginx = await startNginx()
  const api = new Client(server.base)
  await api.signIn('admin', server.first)
  await api.put('/session/password', { old: server.first, new: PASSWORD })
  await api.signIn('admin', PASSWORD)
  const unit = await api.post('/units', { code: 'DW-1', name: '省政务服务局' })
  const project = await api.post('/projects', {
    ...{ code: 'HBZW', name: '省政府门户网站运维项目', customer_unit_id: unit.id, provider_name: '云川公司' },
    ...{ starts_on: '2025-01-01', ends_on: '2099-12-31', calendar: 'office-0900-1800' },
  })
  await api.post(`/projects/${project.id}/agreements`, { agreement: 'A', effective_from: '2025-01-01' })
  Object.assign(made, { api, project })
  page = await openPage(browser)
  await signIn(page, server.base, 'admin', PASSWORD)
  await page.waitForURL(/\/work/)
})
after(async () => {
  await browser?.close()
  await nginx?.end()
  await server?.stop()
})

const act = (name) => page.getByLabel('可做的操作').getByRole('button', { name, exact: true }).first()
const concerned = () => page.getByRole('region', { name: '涉及的监控' }).getByRole('listitem')
const form = () => page.locator('form')
const send = async (name) => {
  await form().getByRole('button', { name, exact: true }).click()
  await form().waitFor({ state: 'detached' })
}

test('a web server that dies becomes one alert and one incident on the open page', async () => {
  const rule = {
    conditions: [{ level: 'critical', when: { kind: 'down' }, bad: 2 }],
    ...{ recover_after: 2, retry_seconds: 5, no_data_after: 3 },
  }
  await made.api.post('/monitors', {
    ...{ name: '门户网站', kind: 'http', project_id: made.project.id, config: { url: nginx.url }, rule },
    ...{ interval_seconds: 5, timeout_seconds: 2, parent_id: null },
  })
  await page.goto(`${server.base}/monitors`)
  const row = page.getByRole('row', { name: /门户网站/ })
  await row.getByText('正常', { exact: true }).waitFor({ timeout: 30_000 })
  await nginx.stop()
  // Nobody touches the page: it is told.
  await row.getByText('告警', { exact: true }).waitFor({ timeout: 40_000 })
  await page.goto(`${server.base}/desk/queue`)
  await page.getByRole('link', { name: /^INC-/ }).first().waitFor()
  assert.equal(await page.getByRole('link', { name: /^INC-/ }).count(), 1)
})

test('an engineer handles it, step by step', async () => {
  await page.getByRole('link', { name: /^INC-/ }).first().click()
  await page.getByRole('heading', { level: 1, name: /门户网站：/ }).waitFor()
  await page.getByRole('timer').waitFor()
  await concerned().getByRole('link', { name: '门户网站' }).waitFor()
  assert.match(await concerned().innerText(), /告警/)
  await act('直接处理').click()
  await form().getByText('一级故障', { exact: true }).click()
  await send('直接处理')
  await page.getByText('诊断中').first().waitFor()
  await act('开始处理').click()
  await form().getByRole('button', { name: '开始处理', exact: true }).click()
  await form().getByRole('alert').waitFor() // a serious fault needs its backup first
  await form().getByLabel('已备份', { exact: true }).getByText('是', { exact: true }).click()
  await form().getByLabel('备份凭据').fill('/backup/portal-0122.tar.gz，已校验')
  await send('开始处理')
  await page.getByText('处理中').first().waitFor()
})

test('its recovery is seen, confirmed and closed', async () => {
  await nginx.start()
  await page.getByLabel('事件跟踪').getByText('监控恢复', { exact: true }).waitFor({ timeout: 40_000 })
  await concerned().getByText('已恢复', { exact: true }).waitFor()
  await act('核实恢复并解决').click()
  await form().getByText('软件问题', { exact: true }).click()
  await form().getByLabel('原因分析').fill('工作进程退出')
  await form().getByLabel('解决方案').fill('重启服务并加守护')
  await send('核实恢复并解决')
  await page.getByText('已解决待确认').first().waitFor()
  await act('回访确认').click()
  await form().getByLabel('确认人').fill('吴秀英')
  await send('回访确认')
  await page.getByText('已确认待关闭').first().waitFor()
  await act('关闭').click()
  await send('关闭')
  await page.getByText('已关闭').first().waitFor()
  assert.deepEqual(page.faults, [])
})

test('the report of the month tells it in docx, xlsx and pdf', async () => {
  const month = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 7)
  const report = await made.api.post('/reports', { project_id: made.project.id, kind: 'monthly', month })
  await page.goto(`${server.base}/reports/${report.id}`)
  await page.getByRole('heading', { name: '运维服务月度报告' }).waitFor()
  await page.getByText(/共受理事件\s*1\s*起/).waitFor()
  const signs = { docx: 'PK', xlsx: 'PK', pdf: '%PDF' }
  for (const [format, sign] of Object.entries(signs)) {
    const file = await made.api.bytes(`/reports/${report.id}/file?format=${format}`)
    assert.equal(file.subarray(0, sign.length).toString('latin1'), sign, format)
  }
})
