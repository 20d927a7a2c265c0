// The main job in a real browser against a real server.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { Client, openPage, PASSWORD, PHONE, signIn, startBrowser, startServer } from './harness.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let server
let browser
const made = {}

before(async () => {
  server = await startServer()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

test('the first password must be changed, then one is where one wanted to be', async () => {
  const page = await openPage(browser)
  await page.goto(`${server.base}/audit`)
  await page.waitForURL(/\/sign-in\?back=/)
  await page.getByLabel('账号').fill('admin')
  await page.getByLabel('密码', { exact: true }).fill('wrong-password')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await page.getByLabel('密码', { exact: true }).fill(server.first)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/password/)
  await page.getByLabel('当前密码').fill(server.first)
  await page.getByLabel('新密码', { exact: true }).fill(PASSWORD)
  await page.getByLabel('再输一次新密码').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/audit$/)
  await page.getByRole('heading', { name: '审计' }).waitFor()
  // An empty installation says what to do first.
  await page.goto(`${server.base}/work`)
  await page.getByRole('heading', { name: '从这里开始' }).waitFor()
  await page.getByRole('main').getByRole('link', { name: '建立项目' }).click()
  await page.getByRole('heading', { level: 1, name: '新建项目' }).waitFor()
  assert.deepEqual(page.faults, [])
  await page.context().close()
})

test('a project is set up', async () => {
  const api = new Client(server.base)
  await api.signIn('admin', PASSWORD)
  const unit = await api.post('/units', { code: 'DW-1', name: '省政务服务局' })
  const project = await api.post('/projects', {
    code: 'HBZW',
    name: '省政府门户网站运维项目',
    customer_unit_id: unit.id,
    provider_name: '云川公司',
    starts_on: '2025-01-01',
    ends_on: '2099-12-31',
    calendar: 'office-0900-1800',
  })
  await api.post(`/projects/${project.id}/agreements`, { agreement: 'A', effective_from: '2025-01-01' })
  await api.post('/contacts', {
    unit_id: unit.id,
    name: '吴秀英',
    phone: '0551-62601037',
    department: '信息中心',
    vip: false,
  })
  const { user, one_time_password: first } = await api.post('/users', {
    login: 'lina',
    name: '李娜',
    email: '',
    phone: '',
  })
  await api.post(`/users/${user.id}/grants`, { role: 'system_admin', scope: { kind: 'all' } })
  Object.assign(made, { unit, project, user, first })
})

test('a call is logged with the keyboard alone', async () => {
  const page = await openPage(browser)
  await signIn(page, server.base, 'admin', PASSWORD)
  await page.waitForURL(/\/work/)
  const began = Date.now()
  await page.keyboard.press('c')
  await page.waitForURL(/\/desk\/call/)
  await page.keyboard.type('62601037')
  await page.getByRole('option', { name: /吴秀英/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.type('门户首页打不开，提示 502。上午九点开始')
  await page.keyboard.press('Tab')
  await page.keyboard.type('群众无法提交办件')
  await page.keyboard.press('Control+Enter')
  const link = page.locator('.today li a').first()
  await link.waitFor()
  assert.ok(Date.now() - began < 20_000, 'within twenty seconds')
  made.number = (await link.textContent()).trim()
  assert.match(made.number, /^INC-\d{4}-\d+$/)
  assert.equal(
    await page.evaluate(() => document.activeElement.getAttribute('role')),
    'combobox',
    'ready for the next call',
  )
  assert.deepEqual(page.faults, [])
  await page.context().close()
})

test('an incident goes from the queue to solved, each step asking only what it needs', async () => {
  const page = await openPage(browser)
  await signIn(page, server.base, 'admin', PASSWORD)
  await page.waitForURL(/\/work/)
  await page.goto(`${server.base}/desk/queue`)
  await page.getByRole('link', { name: made.number }).click()
  await page.getByRole('heading', { level: 1, name: /门户首页打不开/ }).waitFor()
  await page.getByRole('timer').waitFor()

  const act = (name) => page.getByLabel('可做的操作').getByRole('button', { name, exact: true }).first()
  const send = async (name) => {
    await page.locator('form').getByRole('button', { name, exact: true }).click()
    await page.locator('form').waitFor({ state: 'detached' })
  }
  await act('受理').click()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('alert').waitFor()
  await page.locator('form').getByLabel('分类').click()
  await page.getByRole('option', { name: '网站', exact: true }).click()
  await page.locator('form').getByText('一级故障', { exact: true }).click()
  await send('受理')
  await page.getByText('已受理').first().waitFor()
  await act('直接处理').click()
  await send('直接处理')
  await page.getByText('诊断中').first().waitFor()
  await page.getByLabel('事件跟踪').getByText('直接处理').waitFor()
  assert.deepEqual(page.faults, [])
  await page.context().close()
})

test('a session that ends returns to the same page', async () => {
  const page = await openPage(browser)
  await signIn(page, server.base, 'admin', PASSWORD)
  await page.waitForURL(/\/work/)
  await page.goto(`${server.base}/incidents?q=502`)
  await page.getByRole('link', { name: made.number }).waitFor()
  await page.context().clearCookies()
  await page.getByRole('link', { name: made.number }).click()
  await page.waitForURL(/\/sign-in\?back=/)
  await page.getByText('登录已过期').waitFor()
  await page.getByLabel('账号').fill('admin')
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: /门户首页打不开/ }).waitFor()
  await page.context().close()
})

test('the filter text finds, is kept in the address and tells what it does not know', async () => {
  const page = await openPage(browser)
  await signIn(page, server.base, 'admin', PASSWORD)
  await page.waitForURL(/\/work/)
  await page.goto(`${server.base}/incidents`)
  await page.getByRole('link', { name: made.number }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('状态:诊断中 级别:一级 ')
  await page.keyboard.press('Enter')
  await page.waitForURL(/state=diagnosing/)
  await page.getByRole('link', { name: made.number }).waitFor()
  await page.keyboard.type('状态:飞走了')
  await page.keyboard.press('Enter')
  await page.getByText('没有这样的取值').waitFor()
  await page.keyboard.press('Control+k')
  await page.locator('.palette input:focus').waitFor()
  await page.keyboard.type(made.number)
  await page.getByRole('option', { name: /门户首页打不开/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/incidents\/[0-9a-f-]{36}$/)
  await page.context().close()
})

test('a gateway is set up only once it is said how it says that it has sent', async () => {
  const page = await openPage(browser)
  await signIn(page, server.base, 'admin', PASSWORD)
  await page.waitForURL(/\/work/)
  await page.goto(`${server.base}/channels`)
  await page.getByRole('button', { name: '新建渠道' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('.el-select').first().click()
  await page.getByRole('option', { name: /HTTP/ }).click()
  await dialog.getByLabel('名称').fill('政务短信')
  await dialog.getByLabel('地址').fill('https://sms.example.cn/send')
  await dialog.getByLabel('请求头').fill('Authorization: Bearer {{ secret.token }}')
  await dialog.getByLabel('密钥 token').fill('known to the gateway')
  await dialog.getByRole('button', { name: '保存' }).click()
  await dialog.getByRole('alert').waitFor()
  await dialog.getByRole('textbox', { name: '回应中包含' }).fill('"code":0')
  await dialog.getByRole('button', { name: '保存' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '编辑' }).click()
  assert.equal(await dialog.getByRole('textbox', { name: '回应中包含' }).inputValue(), '"code":0')
  assert.equal(await dialog.getByLabel('密钥 token').inputValue(), '', 'a secret never comes back')
  assert.deepEqual(page.faults, [])
  await page.context().close()
})

/** A record of each sort that has a page of its own. */
async function records() {
  const api = new Client(server.base)
  await api.signIn('admin', PASSWORD)
  const monitor = await api.post('/monitors', {
    ...{ name: '门户首页', kind: 'http', project_id: made.project.id, config: { url: 'http://127.0.0.1:9/' } },
    ...{ interval_seconds: 60, timeout_seconds: 2, parent_id: null },
  })
  const month = { kind: 'monthly', project_id: made.project.id, month: '2026-01' }
  const report = await api.post('/reports', month)
  const { items } = await api.get(`/tickets?q=${made.number}`)
  return [
    `/incidents/${items[0].id}`,
    `/monitors/${monitor.id}`,
    `/monitors/${monitor.id}/edit`,
    `/reports/${report.id}`,
  ]
}

const WIDE = { viewport: { width: 1440, height: 900 } }
const LOOKS = [
  ['light', WIDE],
  ['dark', WIDE],
  ['light', PHONE],
]
test('no page fails, none has a serious barrier, none is wider than a phone', async () => {
  const paths = [
    ...(await records()),
    '/work',
    '/desk/queue',
    '/desk/call',
    '/incidents',
    '/incidents/new',
    '/contacts',
    '/units',
    '/groups',
    '/projects',
    `/projects/${made.project.id}`,
    `/projects/${made.project.id}/sla`,
    `/projects/${made.project.id}/kpi`,
    '/agreements',
    '/agreements/A',
    '/monitors',
    '/monitors/new',
    '/alerts',
    '/maintenance',
    '/reports',
    '/channels',
    '/deliveries',
    '/tokens',
    '/settings',
    '/notices',
    '/calendars',
    '/users',
    `/users/${made.user.id}`,
    '/audit',
    '/profile',
  ]
  for (const [theme, options] of LOOKS) {
    const page = await openPage(browser, options)
    await page.addInitScript((theme) => localStorage.setItem('anlan.theme', theme), theme)
    await signIn(page, server.base, 'admin', PASSWORD)
    await page.waitForURL(/\/work/)
    for (const path of paths) {
      await page.goto(server.base + path)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      // Live pages keep a connection open, so quiet is told by the skeletons being gone.
      await page.waitForFunction(() => !document.querySelector('.bones'))
      assert.equal(await page.getByText('没能读取这些内容').count(), 0, `${path} is read`)
      await page.locator('.fold-head').evaluateAll((folds) => folds.forEach((fold) => fold.click()))
      await page.evaluate(axe)
      const found = await page.evaluate(() =>
        window.axe
          .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] })
          .then((r) =>
            r.violations
              .filter((v) => ['serious', 'critical'].includes(v.impact))
              .map((v) => `${v.id} ${v.nodes[0].target}`),
          ),
      )
      assert.deepEqual(found, [], `${path} ${theme}`)
      assert.ok(
        await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth + 1),
        `${path} fits`,
      )
    }
    assert.deepEqual(page.faults, [])
    await page.context().close()
  }
})
