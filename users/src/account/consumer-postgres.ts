import { type Handler, on } from '@ego/kit/inbox'
import type { Tx } from '@ego/kit/postgres'
import { z } from 'zod'
import { endFollows } from '../follow/store-postgres.ts'
import { deleteAccount, lockAccount, nameAccount, setDisabled } from './store-postgres.ts'

const named = z.object({ user_id: z.int(), username: z.string() })
const somebody = z.object({ user_id: z.int() })

type Deps = {
  /** Forgets what is cached of these profiles. */
  forget(...userIds: readonly number[]): Promise<void>
  /** Marks the avatars of a profile that is gone, and answers what removes their objects after the commit. */
  dropAvatars(tx: Tx, userId: number): Promise<() => Promise<void>>
}

/** Keeps what auth's events tell of an account; an erased one takes its profile, its follows and its avatar along. */
export function accountEvents({ forget, dropAvatars }: Deps): Handler[] {
  return [
    on('user.registered.v1', named, (tx, { payload }) => name(tx, payload)),
    on('user.renamed.v1', named, (tx, { payload }) => name(tx, payload)),
    on('user.disabled.v1', somebody, (tx, { payload }) => disable(tx, payload.user_id, true)),
    on('user.enabled.v1', somebody, (tx, { payload }) => disable(tx, payload.user_id, false)),
    on('user.deleted.v1', somebody, async (tx, { payload: { user_id } }) => {
      await lockAccount(tx, user_id)
      const others = await endFollows(tx, user_id)
      await deleteAccount(tx, user_id)
      const removeObjects = await dropAvatars(tx, user_id)
      return async () => {
        await forget(user_id, ...others)
        await removeObjects()
      }
    }),
  ]

  async function name(tx: Tx, { user_id, username }: z.output<typeof named>) {
    await nameAccount(tx, { userId: user_id, username })
    return () => forget(user_id)
  }

  async function disable(tx: Tx, userId: number, isDisabled: boolean) {
    await setDisabled(tx, userId, isDisabled)
    return () => forget(userId)
  }
}
