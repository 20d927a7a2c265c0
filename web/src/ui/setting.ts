/** What is typed: as it is, with line breaks written `\r\n`, or as a list, a list of numbers, lines, headers. */
type Text = 'text' | 'longtext' | 'escaped' | 'list' | 'numbers' | 'lines' | 'headers'

/** One value of a configuration that the server keeps as an object: where it stands and how it is asked for. */
export interface Setting {
  /** Where it stands (`road.proxy`). */
  key: string
  type: 'secret' | 'number' | 'flag' | 'choice' | 'choices' | Text
  /** Its words in the locales, where they are not those of the key. */
  words?: string
  options?: string[]
  required?: boolean
  /** What the server takes when nothing is said. */
  usual?: unknown
  wide?: boolean
  least?: number
  most?: number
  /** A number is shown divided by this: bytes as kilobytes. */
  unit?: number
  /** A flag's two values, when they are not true and false. */
  on?: unknown
  off?: unknown
  /** Asked for only when this other value is there. */
  needs?: string
  /** Folded away: most people never need it. */
  seldom?: boolean
}

type Part = Record<string, unknown>

export function valueAt(config: Part, key: string): unknown {
  return key.split('.').reduce<unknown>((part, name) => (part as Part | null | undefined)?.[name], config)
}
export function setAt(config: Part, key: string, value: unknown): void {
  const [head, ...rest] = key.split('.') as [string, ...string[]]
  if (rest.length) setAt((config[head] ??= {}) as Part, rest.join('.'), value)
  else config[head] = value
}

/** Whether a text, a list or a nested part says nothing. */
export const isBlank = (value: unknown): boolean => value === '' || value === null || value === undefined
export const withoutBlanks = (part: Part): Part =>
  Object.fromEntries(Object.entries(part).filter(([, v]) => !isBlank(v)))

/** What the server says about a value or about something within it (`headers.X`, `status[0]`). */
export function faultAt(errors: Record<string, string>, path: string): string | undefined {
  const within = (field: string) => field.startsWith(path) && ['', '.', '['].includes(field.charAt(path.length))
  return Object.entries(errors).find(([field]) => within(field))?.[1]
}

const SIGNS: Record<string, string> = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\\': '\\\\' }
const MEANT = Object.fromEntries(Object.entries(SIGNS).map(([meant, sign]) => [sign, meant]))

/** A list, numbers or headers as somebody types them, and back. */
export function textOf(type: Setting['type'], value: unknown): string {
  if (type === 'escaped') return String(value ?? '').replace(/[\r\n\t\\]/g, (meant) => SIGNS[meant]!)
  if (type === 'headers')
    return Object.entries((value ?? {}) as Part)
      .map(([name, text]) => `${name}: ${text}`)
      .join('\n')
  return ((value ?? []) as unknown[]).join(type === 'lines' ? '\n' : ', ')
}
export function valueOf(type: Setting['type'], text: string): unknown {
  if (type === 'escaped') return text.replace(/\\[rnt\\]/g, (sign) => MEANT[sign]!)
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  if (type === 'lines') return lines
  if (type === 'headers')
    return Object.fromEntries(
      lines.map((line) =>
        /^([^:：]*)[:：]?(.*)$/
          .exec(line)!
          .slice(1)
          .map((part) => part.trim()),
      ),
    )
  const words = text.split(/[,，\s]+/).filter(Boolean)
  // What is no number stays as it is: the server says so beside the field.
  return type === 'numbers' ? words.map((word) => (/^\d+$/.test(word) ? Number(word) : word)) : words
}
