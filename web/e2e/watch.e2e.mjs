// A monitor is made through the form; what it then sees reaches pages that are already open.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clientOf, pageOf, startBrowser, startDemo, startNginx } from './harness.mjs'

let server
let browser
let nginx
let queue
let form
before(async () => {
  server = await startDemo()
  browser = await startBrowser()
  nginx = await startNginx()
  queue = await pageOf(browser, server, 'chenjing')
  await queue.goto(`${server.base}/desk/queue`)
  await queue.getByRole('link', { name: /^INC-/ }).first().waitFor()
  form = await pageOf(browser, server, 'mali')
})
after(async () => {
  await browser?.close()
  await nginx?.end()
  await server?.stop()
})

const alarms = (page) => page.getByRole('link', { name: /^告警 \d+ 个，预警 \d+ 个$/ })
const red = async (page) => Number(/告警 (\d+) 个/.exec(await alarms(page).getAttribute('aria-label'))[1])
/** Waits until the header says so by itself. */
const redIs = (page, n) => page.getByRole('link', { name: new RegExp(`^告警 ${n} 个`) }).waitFor({ timeout: 60_000 })

test('an incident that somebody else logs appears in the open queue', async () => {
  const { items } = await (await clientOf(server, 'chenjing')).get('/tickets?limit=1')
  const { project, unit } = items[0]
  const desk = await clientOf(server, 'wangfang')
  const logged = await desk.post('/tickets', {
    process: 'incident',
    project_id: project.id,
    fields: {
      ...{ title: '叫号屏黑屏', description: '三号叫号屏黑屏', type: 'fault', channel: 'phone', unit_id: unit.id },
      ...{ caller_name: '方敏', caller_phone: '0579-86210108', business_reason: '群众无法叫号', impact: 2, urgency: 2 },
    },
  })
  await queue.getByRole('link', { name: logged.number }).waitFor()
  await queue
    .getByRole('row', { name: /叫号屏黑屏/ })
    .getByText('待受理', { exact: true })
    .waitFor()
})

test('the form of a monitor says what is wrong, tries the address, and saves', async () => {
  await form.goto(`${server.base}/monitors/new`)
  await form.getByLabel('网址').fill('没有这样的地址')
  await form.getByRole('button', { name: '保存', exact: true }).click()
  await form.getByRole('alert').first().waitFor()
  await form.locator('.bad').filter({ hasText: '名称' }).waitFor()

  await form.getByLabel('网址').fill(nginx.url)
  await form.getByLabel('页面须包含').fill('portal')
  await form.getByRole('button', { name: '试一下' }).click()
  await form.getByText('检测成功').waitFor()
  await form.getByLabel('名称').fill('办事大厅入口')
  await form.getByRole('combobox', { name: '检测间隔' }).press('Enter')
  await form.getByRole('option', { name: /5 秒/ }).click()
  // A check must be over before the next: the form sees to it.
  assert.equal(await form.getByRole('spinbutton', { name: '超时' }).inputValue(), '5')
  await form.getByRole('button', { name: '保存', exact: true }).click()
  await form.waitForURL(/\/monitors\/[0-9a-f-]{36}$/)
  await form.getByRole('heading', { level: 1, name: '办事大厅入口' }).waitFor()
  await form.getByRole('heading', { level: 1 }).getByText('正常', { exact: true }).waitFor({ timeout: 30_000 })
})

test('its alarm is counted in red on every open page, and its incident is in the open queue', async () => {
  const before = await red(queue)
  await nginx.stop()
  await redIs(queue, before + 1)
  await redIs(form, before + 1)
  await queue
    .getByRole('row', { name: /办事大厅入口/ })
    .getByRole('link', { name: /^INC-/ })
    .waitFor()
  await form.getByRole('heading', { level: 1 }).getByText('告警', { exact: true }).waitFor()
  await nginx.start()
  await redIs(queue, before)
  await form.getByRole('heading', { level: 1 }).getByText('正常', { exact: true }).waitFor()
  assert.deepEqual([...queue.faults, ...form.faults], [])
})
