import {
  userDeleted,
  userDisabled,
  userEnabled,
  userRegistered,
  userRenamed,
} from '@ego/contracts/events/account'
import type { EventPayload } from '@ego/contracts/events/definition'
import { type Handler, on } from '@ego/kit/events/inbox'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import {
  deleteAccount,
  disableAccount,
  enableAccount,
  lockAccount,
  nameAccount,
} from '../account/store-postgres.ts'
import { forgetting, type ProfileCache } from '../profile/cache.ts'
import { endFollows, endFollowsInBatches } from './end-follows-postgres.ts'

const id = ['user_id'] as const
const named = ['user_id', 'username'] as const

type Deps = {
  sql: Sql
  cache: Pick<ProfileCache, 'forget'>
  /** Marks the avatars of a profile that is gone, and answers what removes their objects after the commit. */
  dropAvatars(tx: Tx, userId: number): Promise<() => Promise<void>>
}

/** Keeps what auth's events tell of an account; an erased one takes its profile, its follows and its avatar along. */
export function accountEvents({ sql, cache, dropAvatars }: Deps): Handler[] {
  const endInBatches = endFollowsInBatches({ sql, cache })
  return [
    on(userRegistered, named, (tx, { payload }) => name(tx, payload)),
    on(userRenamed, named, (tx, { payload }) => name(tx, payload)),
    on(userDisabled, id, async (tx, { payload: { user_id } }) => {
      await disableAccount(tx, user_id)
      return () => cache.forget(user_id)
    }),
    on(userEnabled, id, async (tx, { payload: { user_id } }) => {
      await enableAccount(tx, user_id)
      return () => cache.forget(user_id)
    }),
    on(
      userDeleted,
      id,
      (tx, { payload }) => erase(tx, payload.user_id),
      async ({ payload: { user_id } }) => {
        // Nobody sees the profile any more, so nobody begins to follow it while its follows are ended.
        await forgetting(cache, [user_id], () => sql.begin((tx) => disableAccount(tx, user_id)))
        await endInBatches(user_id)
      },
    ),
  ]

  async function name(tx: Tx, { user_id, username }: EventPayload<typeof userRegistered>) {
    await nameAccount(tx, { userId: user_id, username })
    return () => cache.forget(user_id)
  }

  async function erase(tx: Tx, userId: number) {
    await lockAccount(tx, userId)
    const others = await endFollows(tx, userId)
    await deleteAccount(tx, userId)
    const removeObjects = await dropAvatars(tx, userId)
    return async () => {
      await cache.forget(userId, ...others)
      await removeObjects()
    }
  }
}
