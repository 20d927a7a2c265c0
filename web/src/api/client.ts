// The one way to the server. Paths are written as the API document writes them ('/tickets/{id}'),
// so the generated schema can check them.
import { noteServerDate } from '@/app/time'
import { Problem, type ProblemBody } from './problem'

export const BASE = '/api/v1'

type Scalar = string | number | boolean | null | undefined
export interface Options {
  path?: Record<string, string | number>
  query?: Record<string, Scalar | Scalar[]>
  /** Sent as If-Match: the version the person was looking at. */
  version?: number
  /** Makes a create safe to repeat on a bad line. */
  idempotencyKey?: string
  signal?: AbortSignal
}

let language = 'zh-CN'
let onSignedOut: () => void = () => undefined
let onPasswordDue: () => void = () => undefined

export function setApiLanguage(value: string): void {
  language = value
}
export function onSession(handlers: { signedOut: () => void; passwordDue: () => void }): void {
  onSignedOut = handlers.signedOut
  onPasswordDue = handlers.passwordDue
}

export function urlOf(template: string, options: Options = {}): string {
  const path = template.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(options.path?.[key] ?? '')))
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(options.query ?? {})) {
    const text = Array.isArray(value) ? value.filter((v) => v != null && v !== '').join(',') : value
    if (text !== undefined && text !== null && text !== '' && text !== false) query.set(key, String(text))
  }
  const tail = query.toString()
  return `${BASE}${path}${tail ? `?${tail}` : ''}`
}

async function send<T>(method: string, template: string, options: Options, body?: unknown): Promise<T> {
  const headers: Record<string, string> = {
    Accept: 'application/json, application/problem+json',
    'Accept-Language': language,
  }
  if (method !== 'GET') headers['X-Anlan'] = '1'
  if (options.version !== undefined) headers['If-Match'] = `"${options.version}"`
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey
  let payload: BodyInit | undefined
  if (body instanceof FormData) payload = body
  else if (body instanceof Blob) {
    headers['Content-Type'] = body.type
    payload = body
  } else if (body !== undefined) {
    headers['Content-Type'] = 'application/json'
    payload = JSON.stringify(body)
  }
  let response: Response
  try {
    response = await fetch(urlOf(template, options), {
      method,
      headers,
      body: payload,
      signal: options.signal,
      credentials: 'same-origin',
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Problem(0, { code: 'offline' })
  }
  noteServerDate(response.headers.get('Date'))
  return read<T>(response, template)
}

async function read<T>(response: Response, template: string): Promise<T> {
  if (response.status === 204) return undefined as T
  const isJson = /json/.test(response.headers.get('Content-Type') ?? '')
  const content: unknown = isJson ? await response.json().catch(() => undefined) : undefined
  if (response.ok) return content as T
  const problem = new Problem(response.status, (content ?? {}) as ProblemBody)
  if (response.status === 401 && template !== '/session') onSignedOut()
  if (problem.code === 'password_change_required') onPasswordDue()
  throw problem
}

export const api = {
  get: <T>(template: string, options: Options = {}) => send<T>('GET', template, options),
  post: <T>(template: string, body?: unknown, options: Options = {}) => send<T>('POST', template, options, body),
  put: <T>(template: string, body?: unknown, options: Options = {}) => send<T>('PUT', template, options, body),
  delete: <T = void>(template: string, options: Options = {}) => send<T>('DELETE', template, options),
}

/** Sends a file with progress (0…1), which fetch cannot report. */
export function upload<T>(
  template: string,
  file: File,
  options: Options,
  progress: (share: number) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', urlOf(template, options))
    request.setRequestHeader('X-Anlan', '1')
    request.setRequestHeader('Accept-Language', language)
    request.responseType = 'text'
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total)
    }
    request.onerror = () => reject(new Problem(0, { code: 'offline' }))
    request.onload = () => {
      let content: unknown
      try {
        content = JSON.parse(request.responseText)
      } catch {
        content = undefined
      }
      if (request.status < 300) return resolve(content as T)
      if (request.status === 401) onSignedOut()
      reject(new Problem(request.status, (content ?? {}) as ProblemBody))
    }
    const form = new FormData()
    form.append('file', file, file.name)
    request.send(form)
  })
}

export function newKey(): string {
  // randomUUID needs a secure context; closed networks often run on plain http.
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}
