// Starts a real `anlan serve` on a data folder of its own and a real Chromium.
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

export const PASSWORD = 'Anlan-2026-browser'

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** The server's own words on its output carry the first password, and with `--demo` that of the demo's people. */
export async function startServer(...flags) {
  const binary = process.env.ANLAN_BIN
  if (!binary) throw new Error('ANLAN_BIN must name the anlan binary: cargo xtask test sets it')
  const data = await mkdtemp(join(tmpdir(), 'anlan-e2e-'))
  const port = await freePort()
  const child = spawn(binary, ['serve', ...flags, '--data', data, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk
    })
  const base = `http://127.0.0.1:${port}`
  const deadline = Date.now() + 60_000
  for (;;) {
    const up = await answers(`${base}/api/v1/session`)
    const first = /admin \/ (\S+)/.exec(said)?.[1]
    const demo = /Demo accounts, password (\S+)/.exec(said)?.[1]
    if (up && first && (demo || !flags.includes('--demo'))) return { base, first, demo, stop: () => end(child, data) }
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the server did not start:\n${said}`)
    await new Promise((done) => setTimeout(done, 100))
  }
}

const answers = (url) =>
  fetch(url).then(
    () => true,
    () => false,
  )
async function end(child, folder) {
  if (child.exitCode === null) {
    child.kill('SIGTERM')
    await new Promise((done) => child.once('exit', done))
  }
  await rm(folder, { recursive: true, force: true })
}

/** A server with the demonstration's project, people and history; `admin` has the tests' own password. */
export async function startDemo() {
  const server = await startServer('--demo')
  const admin = new Client(server.base)
  await admin.signIn('admin', server.first)
  await admin.put('/session/password', { old: server.first, new: PASSWORD })
  return { ...server, passwordOf: (login) => (login === 'admin' ? PASSWORD : server.demo) }
}

/** The API as one of the demonstration's people. */
export async function clientOf(server, login) {
  const client = new Client(server.base)
  await client.signIn(login, server.passwordOf(login))
  return client
}

/** A page on which one of the demonstration's people has signed in. */
export async function pageOf(browser, server, login, options) {
  const page = await openPage(browser, options)
  await signIn(page, server.base, login, server.passwordOf(login))
  await page.waitForURL(/\/work/)
  return page
}

/** Plain API access with a cookie, for what a test needs but is not about. */
export class Client {
  constructor(base) {
    this.base = `${base}/api/v1`
    this.cookie = ''
  }

  async send(method, path, body, version) {
    const headers = {
      'Content-Type': 'application/json',
      'X-Anlan': '1',
      Cookie: this.cookie,
      ...(version === undefined ? {} : { 'If-Match': `"${version}"` }),
    }
    const response = await fetch(this.base + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const cookie = response.headers.getSetCookie?.()[0]
    if (cookie) this.cookie = cookie.split(';')[0]
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }

  get(path) {
    return this.send('GET', path)
  }
  post(path, body) {
    return this.send('POST', path, body)
  }
  put(path, body, version) {
    return this.send('PUT', path, body, version)
  }

  async bytes(path) {
    const response = await fetch(this.base + path, { headers: { Cookie: this.cookie } })
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
    return Buffer.from(await response.arrayBuffer())
  }

  async signIn(login, password) {
    return this.post('/session', { login, password })
  }
}

/** A real nginx on a folder of its own, which can be stopped and started as in an outage. */
export async function startNginx() {
  const home = await mkdtemp(join(tmpdir(), 'anlan-nginx-'))
  await chmod(home, 0o755)
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${name};`)
    .join(' ')
  const site = `server { listen 127.0.0.1:${port}; location / { default_type text/html; return 200 "<h1>portal</h1>"; } }`
  const settings = `daemon off; pid nginx.pid; error_log error.log; events {} http { access_log off; ${temporary} ${site} }`
  await writeFile(join(home, 'nginx.conf'), settings)
  const url = `http://127.0.0.1:${port}/`
  let child
  const start = async () => {
    const path = `${process.env.PATH}:/usr/sbin`
    child = spawn('nginx', ['-p', home, '-c', 'nginx.conf', '-e', 'error.log'], {
      stdio: 'ignore',
      env: { ...process.env, PATH: path },
    })
    const deadline = Date.now() + 10_000
    while (!(await answers(url))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error('nginx does not start')
      await new Promise((done) => setTimeout(done, 50))
    }
  }
  const stop = async () => {
    if (!child || child.exitCode !== null) return
    child.kill('SIGTERM')
    await new Promise((done) => child.once('exit', done))
  }
  const end = async () => {
    await stop()
    await rm(home, { recursive: true, force: true })
  }
  await start()
  return { url, start, stop, end }
}

export async function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] })
}

/** A page whose own errors fail the test that uses it. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', ...options })
  const page = await context.newPage()
  page.faults = []
  page.on('pageerror', (error) => page.faults.push(error.message))
  page.setDefaultTimeout(15_000)
  return page
}

/** Until a condition outside the page holds; what the page itself shows is waited for with a locator. */
export async function until(holds, seconds = 60) {
  const deadline = Date.now() + seconds * 1000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${holds}`)
    await new Promise((done) => setTimeout(done, 200))
  }
}

/** A hand-held screen under a thumb. */
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }

/** Until the skeletons are gone. Live pages keep a connection open, so a quiet network says nothing. */
export async function settled(page) {
  await page.locator('main').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('.bones'))
}

export async function signIn(page, base, login, password) {
  await page.goto(`${base}/sign-in`)
  // By name: the labels speak the language of the page.
  await page.locator('input[name="login"]').fill(login)
  await page.locator('input[name="password"]').fill(password)
  await page.keyboard.press('Enter')
}
