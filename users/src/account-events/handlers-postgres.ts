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
import type { AvatarObjects } from '../avatar/objects.ts'
import { unsetCurrent } from '../avatar/store-postgres.ts'
import type { ProfileCache } from '../profile/cache.ts'
import { endFollows, endFollowsInBatches } from './end-follows-postgres.ts'

const id = ['user_id'] as const
const named = ['user_id', 'username'] as const

type Deps = {
  sql: Sql
  cache: Pick<ProfileCache, 'invalidate' | 'invalidateAfter'>
  objects: Pick<AvatarObjects, 'delete'>
}

/** Applies what auth tells of accounts. An erased one takes its profile, its follows and its avatar along. */
export function accountEvents({ sql, cache, objects }: Deps): Handler[] {
  const endInBatches = endFollowsInBatches({ sql, cache })
  return [
    on(userRegistered, named, (tx, { payload }) => name(tx, payload)),
    on(userRenamed, named, (tx, { payload }) => name(tx, payload)),
    on(userDisabled, id, async (tx, { payload: { user_id } }) => {
      await disableAccount(tx, user_id)
      return () => cache.invalidate(user_id)
    }),
    on(userEnabled, id, async (tx, { payload: { user_id } }) => {
      await enableAccount(tx, user_id)
      return () => cache.invalidate(user_id)
    }),
    on(
      userDeleted,
      id,
      (tx, { payload }) => erase(tx, payload.user_id),
      async ({ payload: { user_id } }) => {
        // A profile that no user sees gets no new followers while its follows are ended.
        const disable = () => sql.begin((tx) => disableAccount(tx, user_id))
        await cache.invalidateAfter([user_id], disable)
        await endInBatches(user_id)
      },
    ),
  ]

  async function name(tx: Tx, { user_id, username }: EventPayload<typeof userRegistered>) {
    await nameAccount(tx, { userId: user_id, username })
    return () => cache.invalidate(user_id)
  }

  async function erase(tx: Tx, userId: number) {
    await lockAccount(tx, userId)
    const others = await endFollows(tx, userId)
    await deleteAccount(tx, userId)
    const avatar = await unsetCurrent(tx, userId)
    return async () => {
      await cache.invalidate(userId, ...others)
      if (avatar) await objects.delete(avatar)
    }
  }
}
