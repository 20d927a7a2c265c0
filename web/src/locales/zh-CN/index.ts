import base from './base'
import tickets from './tickets'
import watch from './watch'
import manage from './manage'

const messages = { ...base, ...tickets, ...watch, ...manage }
export default messages
export type Messages = typeof messages
