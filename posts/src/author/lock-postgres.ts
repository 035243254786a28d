import type { Tx } from '@ego/kit/postgres/postgres'

/**
 * Whether none of these accounts was erased. It stays so until the transaction ends: an erasure waits for it. An account of
 * which nothing has arrived yet gets an empty row, because the lock needs one. Rows are locked in the order of the ids, so
 * that two transactions never wait for each other.
 */
export async function lockAuthors(tx: Tx, userIds: readonly number[]): Promise<boolean> {
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

/** The same without waiting: answers those that were not erased and could be locked at once. */
export async function tryLockAuthors(tx: Tx, userIds: readonly number[]): Promise<Set<number>> {
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
