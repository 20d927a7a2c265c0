import type { Shape, Tone } from '@/ui/Mark.vue'

interface Look {
  tone: Tone
  shape: Shape
}

/** How the document stands. */
export const STANDING: Record<string, Look> = {
  draft: { tone: 'grey', shape: 'ring' },
  review: { tone: 'amber', shape: 'half' },
  in_force: { tone: 'green', shape: 'check' },
  change: { tone: 'amber', shape: 'half' },
  terminated: { tone: 'grey', shape: 'square' },
}

/** How a version stands. */
export const VERSION: Record<string, Look> = {
  draft: { tone: 'grey', shape: 'ring' },
  review: { tone: 'amber', shape: 'half' },
  in_force: { tone: 'green', shape: 'check' },
  replaced: { tone: 'grey', shape: 'bar' },
  terminated: { tone: 'grey', shape: 'square' },
  discarded: { tone: 'grey', shape: 'bar' },
}
