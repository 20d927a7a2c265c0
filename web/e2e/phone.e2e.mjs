// An engineer with one thumb: a ticket is dispatched while the phone is open, acknowledged, arrived at, photographed
// and resolved.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clientOf, pageOf, PHONE, startBrowser, startDemo } from './harness.mjs'

let server
let browser
let desk
let phone
let ticket
before(async () => {
  server = await startDemo()
  browser = await startBrowser()
  const api = await clientOf(server, 'chenjing')
  ticket = (await api.get('/tickets?state=accepted')).items[0]
  desk = await pageOf(browser, server, 'chenjing')
  phone = await pageOf(browser, server, 'zhaolei', PHONE)
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

const actions = (page) => page.getByLabel('可做的操作')
const form = (page) => page.locator('form')
/** What a thumb needs: nothing beside the screen, and buttons that are large enough. */
async function fits(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  assert.ok(wide <= 1, `wider than the screen by ${wide} px`)
  for (const button of await actions(page).locator('.el-button:visible').all())
    assert.ok((await button.boundingBox()).height >= 40, `${await button.innerText()} is large enough`)
}
async function press(page, name) {
  const button = actions(page).getByRole('button', { name, exact: true })
  if ((await button.count()) > 0) return button.tap()
  await actions(page).getByRole('button', { name: '更多' }).tap()
  await page.getByRole('dialog').getByRole('button', { name, exact: true }).tap()
}
async function send(page, name) {
  await form(page).getByRole('button', { name, exact: true }).tap()
  await form(page).waitFor({ state: 'detached' })
}

test('a ticket dispatched at the desk is on the open phone at once', async () => {
  const waiting = phone.getByRole('button', { name: /待您确认接单/ })
  const before = parseInt(await waiting.innerText())
  await desk.goto(`${server.base}/incidents/${ticket.id}`)
  await actions(desk).getByRole('button', { name: '派单', exact: true }).click()
  await form(desk).getByRole('combobox', { name: '处理人' }).click()
  await desk.getByRole('option', { name: /赵磊/ }).click()
  await form(desk).getByRole('button', { name: '派单', exact: true }).click()
  await desk.getByText('待接单', { exact: true }).first().waitFor()
  // Nobody touches the phone.
  await phone.getByRole('link', { name: new RegExp(ticket.number) }).waitFor()
  await waiting.getByText(String(before + 1), { exact: true }).waitFor()
  await phone.getByRole('button', { name: /消息，[1-9]/ }).waitFor()
})

test('it is acknowledged, and the desk sees by whom without asking', async () => {
  await phone.getByRole('link', { name: new RegExp(ticket.number) }).tap()
  await phone.getByRole('heading', { level: 1, name: ticket.title }).waitFor()
  await fits(phone)
  await press(phone, '接单')
  await send(phone, '接单')
  await phone.getByText('诊断中', { exact: true }).first().waitFor()
  await desk.getByText('诊断中', { exact: true }).first().waitFor()
  await desk.getByLabel('事件跟踪').getByText('接单', { exact: true }).waitFor()
})

test('arriving stops its clock', async () => {
  await press(phone, '到场')
  await fits(phone)
  await form(phone).getByText('高级工程师', { exact: true }).tap()
  await send(phone, '到场')
  await phone.getByLabel('事件跟踪').getByText('到场', { exact: true }).waitFor()
  await phone.getByRole('button', { name: /全部 \d+ 个时限/ }).tap()
  await phone
    .getByRole('listitem')
    .filter({ hasText: '到场' })
    .getByText(/按时，用时/)
    .first()
    .waitFor()
})

test('it is resolved with a photo, told what is missing on the way', async () => {
  await press(phone, '解决')
  await refused(phone)
  await form(phone).getByText('软件问题', { exact: true }).tap()
  await form(phone).getByLabel('原因分析').fill('附件目录没有写权限')
  await form(phone).getByLabel('解决方案').fill('改正目录权限，上传恢复')
  const camera = form(phone).getByLabel('拍照')
  assert.equal(await camera.getAttribute('capture'), 'environment')
  await camera.setInputFiles({ name: '现场.png', mimeType: 'image/png', buffer: picture() })
  await form(phone).getByRole('link', { name: '现场.png' }).waitFor()
  await fits(phone)
  await send(phone, '解决')
  await phone.getByText('已解决待确认', { exact: true }).first().waitFor()

  const api = await clientOf(server, 'zhaolei')
  const { attachments } = await api.get(`/tickets/${ticket.id}`)
  assert.deepEqual(
    attachments.map(({ name }) => name),
    ['现场.png'],
  )
  assert.deepEqual(await api.bytes(`/attachments/${attachments[0].id}`), picture())
  assert.deepEqual([...desk.faults, ...phone.faults], [])
})

/** An empty form is refused, each field says why, and nothing typed is lost. */
async function refused(page) {
  await form(page).getByRole('button', { name: '解决', exact: true }).tap()
  await form(page).getByRole('alert').first().waitFor()
  await form(page).locator('.bad').first().waitFor()
}

/** A picture of one pixel. */
function picture() {
  return Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
}
