import type { Messages } from '../zh-CN'
import base from './base'
import tickets from './tickets'
import watch from './watch'
import manage from './manage'
import channels from './channels'
import probe from './probe'
import inner from './inner'
import serviceLevels from './service_levels'

const messages: Messages = {
  ...base,
  ...tickets,
  ...watch,
  ...manage,
  ...channels,
  ...probe,
  ...inner,
  ...serviceLevels,
}
export default messages
