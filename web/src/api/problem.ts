/** What the server says when it refuses: application/problem+json. */
export interface FieldProblem {
  field: string
  code: string
  message: string
}

export interface ProblemBody {
  title?: string
  status?: number
  code?: string
  detail?: string
  errors?: FieldProblem[]
  current_version?: number
}

/** A refusal or a failed connection, in words a person can act on. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly errors: FieldProblem[]
  readonly currentVersion: number | undefined

  constructor(status: number, body: ProblemBody = {}) {
    super(body.detail || body.title || `HTTP ${status}`)
    this.name = 'Problem'
    this.status = status
    this.code = body.code ?? (status === 0 ? 'offline' : `http_${status}`)
    this.title = body.title ?? ''
    this.detail = body.detail ?? ''
    this.errors = body.errors ?? []
    this.currentVersion = body.current_version
  }

  /** Field → message, the first one wins: what a form shows beside its inputs. `fields.title` counts for `title`. */
  byField(): Record<string, string> {
    const found: Record<string, string> = {}
    for (const each of this.errors) {
      const key = each.field.replace(/^\/?(fields[./])?/, '')
      found[key] ??= each.message
    }
    return found
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(0, { code: 'offline', detail: error instanceof Error ? error.message : String(error) })
}
