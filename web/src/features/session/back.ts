/** Only a path of this site: an address from elsewhere must not be followed after signing in. */
export function safeBack(value: unknown): string {
  return typeof value === 'string' &&
    /^\/(?![/\\])/.test(value) &&
    !value.startsWith('/sign-in') &&
    !value.startsWith('/password')
    ? value
    : '/work'
}
