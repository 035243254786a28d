import type { Tx } from '@ego/kit/postgres/postgres'

/**
 * Says whether none of these accounts was erased, and keeps it so until the transaction ends: an erasure waits for it. A
 * person of whom nothing has arrived yet gets an empty row, for without one there is nothing to wait for. Everybody goes
 * in the order of the ids, so nobody waits in a circle.
 */
export async function lockLiving(tx: Tx, userIds: readonly number[]): Promise<boolean> {
  const wanted = new Set(userIds)
  let found = await lockRows(tx, userIds)
  if (found.length < wanted.size) {
    await tx`
      insert into author (user_id)
      select user_id
      from unnest(${[...wanted]}::bigint[]) as wanted (user_id)
      order by user_id
      on conflict do nothing`
    found = await lockRows(tx, userIds)
  }
  return found.every((row) => !row.is_deleted)
}

/** Those of whom it can be said without waiting. */
export async function lockLivingNow(tx: Tx, userIds: readonly number[]): Promise<Set<number>> {
  const rows = await tx<{ user_id: number }[]>`
    select user_id
    from author
    where user_id = any(${[...userIds]}::bigint[]) and not is_deleted
    for key share skip locked`
  return new Set(rows.map((row) => row.user_id))
}

function lockRows(tx: Tx, userIds: readonly number[]) {
  return tx<{ is_deleted: boolean }[]>`
    select is_deleted
    from author
    where user_id = any(${[...userIds]}::bigint[])
    order by user_id
    for key share`
}
