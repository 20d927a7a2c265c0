import { afterEach, describe, expect, it, vi } from 'vitest'
import { api, onSession, urlOf } from './client'
import { Problem } from './problem'

const answer = (status: number, body: unknown, type = 'application/json') =>
  vi
    .spyOn(globalThis, 'fetch')
    .mockResolvedValue(
      new Response(status === 204 ? null : JSON.stringify(body), { status, headers: { 'Content-Type': type } }),
    )
afterEach(() => {
  vi.restoreAllMocks()
  onSession({ signedOut: () => undefined, passwordDue: () => undefined })
})

describe('the way to the server', () => {
  it('writes addresses safely', () => {
    expect(urlOf('/tickets/{id}/actions/{action}', { path: { id: 'a/b', action: 'x?' } })).toBe(
      '/api/v1/tickets/a%2Fb/actions/x%3F',
    )
    expect(
      urlOf('/tickets', {
        query: { q: '门户 502', state: ['a', 'b'], open: true, overdue: false, unit: undefined, none: null, blank: '' },
      }),
    ).toBe('/api/v1/tickets?q=%E9%97%A8%E6%88%B7+502&state=a%2Cb&open=true')
  })
  it('marks every change against forgery, carries the version and the repeat key', async () => {
    const fetched = answer(200, {})
    await api.post('/x', { a: 1 }, { version: 3, idempotencyKey: 'k' })
    expect(fetched.mock.calls[0]![1]!.headers).toMatchObject({
      'X-Anlan': '1',
      'If-Match': '"3"',
      'Idempotency-Key': 'k',
      'Content-Type': 'application/json',
    })
    await api.get('/x')
    expect(fetched.mock.calls[1]![1]!.headers).not.toHaveProperty('X-Anlan')
  })
  it('turns a refusal into words and fields', async () => {
    answer(
      422,
      {
        code: 'invalid',
        detail: '还缺 1 项',
        errors: [
          { field: 'fields.level', code: 'required', message: '请选择级别' },
          { field: '/name', code: 'x', message: 'y' },
        ],
      },
      'application/problem+json',
    )
    const problem = (await api.post('/x').catch((e: unknown) => e)) as Problem
    expect(problem).toBeInstanceOf(Problem)
    expect(problem.byField()).toEqual({ level: '请选择级别', name: 'y' })
  })
  it('tells of a session that ended, but not while signing in', async () => {
    const signedOut = vi.fn()
    onSession({ signedOut, passwordDue: () => undefined })
    answer(401, { code: 'bad_credentials' }, 'application/problem+json')
    await api.post('/session').catch(() => undefined)
    expect(signedOut).not.toHaveBeenCalled()
    await api.get('/tickets').catch(() => undefined)
    expect(signedOut).toHaveBeenCalledOnce()
  })
  it('tells of a broken line', async () => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'))
    expect(await api.get('/x').catch((e: Problem) => e.code)).toBe('offline')
  })
  it('survives an answer that is not JSON', async () => {
    vi.spyOn(globalThis, 'fetch').mockResolvedValue(
      new Response('<html>502</html>', { status: 502, headers: { 'Content-Type': 'text/html' } }),
    )
    expect(await api.get('/x').catch((e: Problem) => [e.status, e.code])).toEqual([502, 'http_502'])
  })
})
