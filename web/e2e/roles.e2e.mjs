// What each role sees of the menu, which pages are refused, and how a lock is told.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clientOf, openPage, pageOf, PHONE, settled, signIn, startBrowser, startDemo } from './harness.mjs'

const PAGES = {
  我的待办: '/work',
  受理队列: '/desk/queue',
  来电登记: '/desk/call',
  客户与联系人: '/contacts',
  事件: '/incidents',
  监控项: '/monitors',
  告警: '/alerts',
  维护窗口: '/maintenance',
  服务报告: '/reports',
  项目与合同: '/projects',
  服务协议: '/agreements',
  单位: '/units',
  支持组: '/groups',
  供应商: '/suppliers',
  用户与角色: '/users',
  日历: '/calendars',
  通知渠道: '/channels',
  发送记录: '/deliveries',
  审计: '/audit',
  'API 令牌': '/tokens',
  设置: '/settings',
}
const without = (...names) => Object.keys(PAGES).filter((name) => !names.includes(name))
const ADMINISTRATION = ['通知渠道', '发送记录', '审计', 'API 令牌', '设置']
const MENUS = {
  admin: without(),
  // An engineer on site, a desk operator, an auditor, a customer's contact.
  zhaolei: without(...ADMINISTRATION),
  chenjing: without(...ADMINISTRATION),
  guoqing: without('受理队列', '来电登记', 'API 令牌', '设置'),
  hejia: ['我的待办', '事件'],
}

let server
let browser
before(async () => {
  server = await startDemo()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

for (const [login, names] of Object.entries(MENUS)) {
  test(`${login} sees these pages in the menu, can read each, and is refused every other`, async () => {
    const page = await pageOf(browser, server, login)
    const menu = page.getByRole('navigation', { name: '菜单' })
    await menu.getByRole('link').first().waitFor()
    assert.deepEqual(
      (await menu.getByRole('link').allInnerTexts()).map((text) => text.trim()),
      names,
    )
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(server.base + path)
      if (!names.includes(name)) {
        await page.getByText('没有这个页面').waitFor()
        continue
      }
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await settled(page)
      assert.equal(await page.getByText('没有这个页面').count(), 0, `${name} is there`)
      assert.equal(await page.locator('main [role="alert"]').allInnerTexts().then(String), '', `${name} is read`)
    }
    assert.deepEqual(page.faults, [])
    await page.context().close()
  })
}

test('an auditor reads everything and is offered nothing that changes it', async () => {
  const page = await pageOf(browser, server, 'guoqing')
  for (const name of MENUS.guoqing) {
    await page.goto(server.base + PAGES[name])
    await settled(page)
    const offered = page.locator('main').getByRole('button', { name: /^(新建|导入|生成|编辑|删除|来电登记)/ })
    assert.deepEqual(await offered.allInnerTexts(), [], name)
  }
  await page.goto(`${server.base}/incidents`)
  await page.getByRole('link', { name: /^INC-/ }).first().click()
  await page.getByRole('heading', { level: 1 }).waitFor()
  assert.equal(await page.getByLabel('可做的操作').getByRole('button').count(), 0)
  await page.context().close()
})

test("a customer's contact sees the tickets of the own unit only, and can report by phone", async () => {
  const staff = await clientOf(server, 'chenjing')
  const { items: all } = await staff.get('/tickets?limit=200')
  const { items: users } = await (await clientOf(server, 'admin')).get('/users?limit=200')
  const unit = users.find((user) => user.login === 'hejia').unit_id
  const foreign = all.find((ticket) => ticket.unit && ticket.unit.id !== unit)
  assert.ok(foreign, 'the demonstration has tickets of several units')

  const page = await pageOf(browser, server, 'hejia', PHONE)
  await page.goto(`${server.base}/incidents/${foreign.id}`)
  await page.getByText('找不到这条记录').waitFor()
  const { items: own } = await (await clientOf(server, 'hejia')).get('/tickets?open=true&limit=200')
  await page.goto(`${server.base}/incidents`)
  await page.getByRole('link', { name: /INC-/ }).first().waitFor()
  const shown = (await page.locator('main').innerText()).match(/INC-\d{4}-\d+/g)
  assert.deepEqual(shown.sort(), own.map((ticket) => ticket.number).sort())
  assert.deepEqual([...new Set(own.map((ticket) => ticket.unit?.id))], [unit])
  await page.getByRole('navigation', { name: '常用' }).getByRole('link', { name: '报修' }).tap()
  await page.getByRole('heading', { level: 1, name: '新建事件' }).waitFor()
  await page.context().close()
})

test('too many wrong passwords lock the account; the page says until when, and an administrator unlocks it', async () => {
  const page = await openPage(browser)
  const said = page.getByRole('alert')
  for (let attempt = 1; ; attempt++) {
    const answer = page.waitForResponse((each) => each.request().method() === 'POST' && each.url().endsWith('/session'))
    await signIn(page, server.base, 'qianjun', 'not-the-password')
    const status = (await answer).status()
    await said.waitFor()
    if (status === 423) break
    assert.equal(status, 401)
    assert.match(await said.innerText(), /不正确|不对/)
    assert.ok(attempt < 10, 'it locks at last')
  }
  // On the wall clock of the place, not in UTC.
  const until = /锁定至 (\d{4}-\d\d-\d\d \d\d:\d\d)(?![\d:])/.exec(await said.innerText())?.[1]
  assert.ok(until, await said.innerText())
  const minutes = (Date.parse(`${until.replace(' ', 'T')}:00+08:00`) - Date.now()) / 60_000
  assert.ok(minutes > 12 && minutes <= 16, `${until} is a quarter of an hour from now`)

  await signIn(page, server.base, 'qianjun', server.demo)
  await page.getByText(/锁定至/).waitFor()

  const admin = await pageOf(browser, server, 'admin')
  await admin.goto(`${server.base}/users`)
  await admin.getByRole('row', { name: /钱军/ }).getByText('已锁定').waitFor()
  await admin.getByRole('link', { name: '钱军' }).click()
  await admin.getByRole('button', { name: '解除锁定' }).click()
  await admin.getByRole('button', { name: '解除锁定' }).waitFor({ state: 'detached' })
  await signIn(page, server.base, 'qianjun', server.demo)
  await page.waitForURL(/\/work/)
  await admin.context().close()
  await page.context().close()
})
