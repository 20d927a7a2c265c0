import { describe, expect, it } from 'vitest'
import { safeBack } from './back'

describe('the page one returns to after signing in', () => {
  it('is the page one was on', () => expect(safeBack('/incidents?state=open')).toBe('/incidents?state=open'))
  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/sign-in', undefined, ['/x']])(
    'is never %s',
    (bad) => expect(safeBack(bad)).toBe('/work'),
  )
})
