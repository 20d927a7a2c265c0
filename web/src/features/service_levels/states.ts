import type { Shape, Tone } from '@/ui/Mark.vue'

interface Look {
  tone: Tone
  shape: Shape
}

/** How the document stands. */
const STANDING: Record<string, Look> = {
  draft: { tone: 'grey', shape: 'ring' },
  review: { tone: 'amber', shape: 'half' },
  in_force: { tone: 'green', shape: 'check' },
  change: { tone: 'amber', shape: 'half' },
  terminated: { tone: 'grey', shape: 'square' },
}

/** How a version stands. */
const VERSION: Record<string, Look> = {
  draft: { tone: 'grey', shape: 'ring' },
  review: { tone: 'amber', shape: 'half' },
  in_force: { tone: 'green', shape: 'check' },
  replaced: { tone: 'grey', shape: 'bar' },
  terminated: { tone: 'grey', shape: 'square' },
  discarded: { tone: 'grey', shape: 'bar' },
}

const UNKNOWN: Look = { tone: 'grey', shape: 'dot' }
export const standingLook = (standing: string): Look => STANDING[standing] ?? UNKNOWN
export const versionLook = (state: string): Look => VERSION[state] ?? UNKNOWN
