import { userRegistered, userRenamed } from '@ego/contracts/events/account'
import { type Handler, on } from '@ego/kit/events/inbox'
import type { Tx } from '@ego/kit/postgres/postgres'

const named = ['user_id', 'username'] as const

/** Keeps the name on the card of a writer; the rest of the card comes with the profile, before or after it. */
export const onUsername: Handler[] = [
  on(userRegistered, named, (tx, { payload }) => setUsername(tx, payload)),
  on(userRenamed, named, (tx, { payload }) => setUsername(tx, payload)),
]

async function setUsername(
  tx: Tx,
  { user_id, username }: { user_id: number; username: string },
): Promise<void> {
  await tx`
    insert into author (user_id, username)
    values (${user_id}, ${username})
    on conflict (user_id) do update
    set username = excluded.username
    where not author.is_deleted`
}
