import { on } from '@ego/kit/inbox'
import { z } from 'zod'
import { upsertAccount } from './store-postgres.ts'

const registered = z.object({ user_id: z.int(), username: z.string() })

/** Keeps the usernames of auth's accounts beside the profiles. */
export const accountEvents = [
  on('user.registered.v1', registered, (tx, { payload }) =>
    upsertAccount(tx, { userId: payload.user_id, username: payload.username }),
  ),
]
