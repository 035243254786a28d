import { on } from '@ego/kit/inbox'
import { z } from 'zod'
import { deleteAccount, upsertAccount } from './store-postgres.ts'

const named = z.object({ user_id: z.int(), username: z.string() })
const somebody = z.object({ user_id: z.int() })

/** Keeps the usernames of auth's accounts beside the profiles; an erased account takes its profile along. */
export const accountEvents = [
  on('user.registered.v1', named, (tx, { payload }) =>
    upsertAccount(tx, { userId: payload.user_id, username: payload.username }),
  ),
  on('user.renamed.v1', named, (tx, { payload }) =>
    upsertAccount(tx, { userId: payload.user_id, username: payload.username }),
  ),
  on('user.deleted.v1', somebody, (tx, { payload }) => deleteAccount(tx, payload.user_id)),
]
