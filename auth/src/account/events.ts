import { defineEvent } from '@ego/kit/events/event'
import { z } from 'zod'

const named = z.strictObject({ user_id: z.int(), username: z.string() })
const somebody = z.strictObject({ user_id: z.int() })

export const userRegistered = defineEvent(
  'user.registered.v1',
  named,
  'An account is there; by itself, or made by staff.',
)
export const userRenamed = defineEvent(
  'user.renamed.v1',
  named,
  'The account has this username from now on.',
)
export const userDisabled = defineEvent(
  'user.disabled.v1',
  somebody,
  'Staff has disabled the account: nobody is to see anything of it.',
)
export const userEnabled = defineEvent(
  'user.enabled.v1',
  somebody,
  'Staff has enabled a disabled account again.',
)
export const userDeleted = defineEvent(
  'user.deleted.v1',
  somebody,
  'The account is erased, and everything of it is to be; no event of another service repeats this.',
)
