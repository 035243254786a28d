import { defineEvent } from '@ego/kit/event'
import { z } from 'zod'

const named = z.strictObject({ user_id: z.int(), username: z.string() })
const somebody = z.strictObject({ user_id: z.int() })

export const userRegistered = defineEvent('user.registered.v1', named)
export const userRenamed = defineEvent('user.renamed.v1', named)
export const userDisabled = defineEvent('user.disabled.v1', somebody)
export const userEnabled = defineEvent('user.enabled.v1', somebody)
export const userDeleted = defineEvent('user.deleted.v1', somebody)
