import { userDisabled, userEnabled } from '@ego/contracts/events/account'
import { type Handler, on } from '@ego/kit/events/inbox'
import type { Tx } from '@ego/kit/postgres/postgres'
import { markAllStale } from '../post/stale-postgres.ts'

/** Hides what a disabled account has written, and shows it again when the account is enabled. */
export function onDisabled({ wakeIndex }: { wakeIndex: () => void }): Handler[] {
  return [
    on(userDisabled, ['user_id'], (tx, { payload }) => setDisabled(tx, payload.user_id, true)),
    on(userEnabled, ['user_id'], (tx, { payload }) => setDisabled(tx, payload.user_id, false)),
  ]

  async function setDisabled(tx: Tx, userId: number, isDisabled: boolean) {
    await tx`
      insert into author (user_id, is_disabled)
      values (${userId}, ${isDisabled})
      on conflict (user_id) do update
      set is_disabled = excluded.is_disabled
      where not author.is_deleted`
    await markAllStale(tx, userId)
    return async () => wakeIndex()
  }
}
