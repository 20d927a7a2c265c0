// The month's report: one writes, another approves, and the paper carries what both saw on the page.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { clientOf, pageOf, startBrowser, startDemo } from './harness.mjs'

const WORDS = '本月新增叫号屏巡检，发现的两处隐患已处理。'
let server
let browser
let address
let figures
before(async () => {
  server = await startDemo()
  browser = await startBrowser()
  const { items } = await (await clientOf(server, 'zhanghua')).get('/reports')
  address = `${server.base}/reports/${items[0].id}`
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

const paper = (page) => page.getByRole('article')
async function download(page, format) {
  const arrives = page.waitForEvent('download')
  await page.getByRole('link', { name: format }).click()
  return readFile(await (await arrives).path())
}

test('the manager writes between the figures, and what was written stays', async () => {
  const page = await pageOf(browser, server, 'zhanghua')
  await page.goto(address)
  await paper(page).locator('button.editable').first().click()
  const box = paper(page).getByRole('textbox')
  await box.press('Control+End')
  await box.pressSequentially(`\n${WORDS}`)
  const saved = page.waitForResponse((each) => each.request().method() === 'PUT' && each.url().includes('/reports/'))
  await paper(page).getByRole('heading', { level: 1 }).click()
  assert.equal((await saved).status(), 200)
  await page.reload()
  await paper(page).getByText(WORDS).waitFor()
  figures = await paper(page).locator('.figures li').allInnerTexts()
  assert.ok(figures.length >= 3)
  assert.equal(
    await page.getByRole('button', { name: '批准', exact: true }).count(),
    0,
    'approving is for the customer',
  )
  assert.deepEqual(page.faults, [])
  await page.context().close()
})

test('the customer approves; then nobody can write in it', async () => {
  const page = await pageOf(browser, server, 'xuhaitao')
  await page.goto(address)
  await paper(page).getByText(WORDS).waitFor()
  assert.equal(await paper(page).locator('button.editable').count(), 0)
  await page.getByRole('button', { name: '批准', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: '批准', exact: true }).click()
  await page.getByText('已批准', { exact: true }).first().waitFor()
  await paper(page)
    .getByText(/徐海涛/)
    .first()
    .waitFor()
  assert.deepEqual(page.faults, [])
  await page.context().close()

  const writer = await pageOf(browser, server, 'zhanghua')
  await writer.goto(address)
  await paper(writer).getByText(WORDS).waitFor()
  assert.equal(await paper(writer).locator('button.editable').count(), 0)
  await writer.context().close()
})

test('the docx that the page offers carries the text, the figures and the tables of the page', async () => {
  const page = await pageOf(browser, server, 'zhanghua')
  await page.goto(address)
  const headings = await paper(page).locator('h2').allInnerTexts()
  const cells = await paper(page).locator('td').allInnerTexts()
  const document = textOf(await download(page, 'DOCX'), 'word/document.xml')
  assert.ok(document.includes(WORDS), 'what the manager wrote')
  for (const heading of headings) assert.ok(document.includes(heading.trim()), heading)
  for (const cell of cells.filter((text) => /\d/.test(text))) assert.ok(document.includes(cell.trim()), `cell ${cell}`)
  for (const figure of figures) {
    const [label, value] = figure.split('\n').map((line) => line.trim())
    assert.ok(document.includes(label), label)
    assert.ok(document.includes(value), `${label} ${value}`)
  }
  assert.equal((await download(page, 'XLSX')).subarray(0, 2).toString('latin1'), 'PK')
  assert.equal((await download(page, 'PDF')).subarray(0, 4).toString('latin1'), '%PDF')
  await page.context().close()
})

/** The words of one part of a zip, as its central directory finds it. */
function textOf(zip, name) {
  let at = zip.readUInt32LE(zip.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16)
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [length, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field))
    if (zip.toString('utf8', at + 46, at + 46 + length) === name) {
      const local = zip.readUInt32LE(at + 42)
      const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const packed = zip.subarray(begin, begin + zip.readUInt32LE(at + 20))
      const xml = (zip.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed)).toString('utf8')
      return xml
        .replace(/<[^>]+>/g, '')
        .replace(/&lt;/g, '<')
        .replace(/&gt;/g, '>')
        .replace(/&amp;/g, '&')
    }
    at += 46 + length + extra + comment
  }
  throw new Error(`${name} is not in the file`)
}
