/** A copy of plain data that may be typed into. structuredClone refuses Vue's proxies. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
