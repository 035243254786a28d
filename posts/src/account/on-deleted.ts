import { userDeleted } from '@ego/contracts/events/account'
import { type Handler, on } from '@ego/kit/events/inbox'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { identifier } from '@ego/kit/postgres/sql-text'
import { newest } from '../post/row-postgres.ts'

const erasedAtOnceMax = 5_000

type Deps = { sql: Sql; wakeIndex: () => void; atOnceMax?: number }

/** Erases what a deleted account has written and whom it follows; the last step is the transaction of the event. */
export function onDeleted(deps: Deps): Handler[] {
  const erase = eraseInBatches(deps)
  return [
    on(
      userDeleted,
      ['user_id'],
      (tx, { payload }) => endErasure(tx, payload.user_id),
      ({ payload }) => erase(payload.user_id),
    ),
  ]
}

/**
 * Erases an account however much it has written: one commit hides all of it, then its posts and follows go in batches, each
 * of them committed. Interrupted, it goes on with those that are left.
 */
export function eraseInBatches({ sql, wakeIndex, atOnceMax = erasedAtOnceMax }: Deps) {
  return async (userId: number): Promise<void> => {
    await sql.begin((tx) => hideErased(tx, userId))
    await erasePosts(userId)
    await eraseFollows(userId, 'follower_id', 'followed_id')
    await eraseFollows(userId, 'followed_id', 'follower_id')
  }

  async function erasePosts(userId: number): Promise<void> {
    // From where the batch before has ended: what it has deleted would be read again otherwise.
    let before: string | undefined = newest
    while (before !== undefined) {
      const rows: { post_id: string }[] = await sql<{ post_id: string }[]>`
        with gone as (
          delete from post
          where post_id in (
            select post_id
            from post
            where creator_id = ${userId} and post_id < ${before}
            order by post_id desc
            limit ${atOnceMax}
          )
          returning post_id, creator_id
        ),
        stale as (
          insert into search_stale (post_id, creator_id)
          select post_id, creator_id
          from gone
        )
        select post_id
        from gone
        order by post_id
        limit 1`
      before = rows[0]?.post_id
      wakeIndex()
    }
  }

  async function eraseFollows(userId: number, own: string, other: string): Promise<void> {
    let after: number | undefined = -1
    while (after !== undefined) {
      const rows: { last: number | null }[] = await sql<{ last: number | null }[]>`
        with gone as (
          delete from follow
          where ${identifier(own)} = ${userId}
            and ${identifier(other)} in (
              select ${identifier(other)}
              from follow
              where ${identifier(own)} = ${userId} and ${identifier(other)} > ${after}
              order by ${identifier(other)}
              limit ${atOnceMax}
            )
          returning ${identifier(other)} as other
        )
        select max(other) as last
        from gone`
      after = rows[0]?.last ?? undefined
    }
  }
}

/**
 * The lock waits for posts and follows that are being written at this moment; later ones find the account erased. What there
 * is of it is hidden as that of a disabled account is.
 */
async function hideErased(tx: Tx, userId: number): Promise<void> {
  await tx`
    insert into author (user_id)
    values (${userId})
    on conflict do nothing`
  await tx`
    select 1
    from author
    where user_id = ${userId}
    for update`
  await tx`
    update author
    set
      username = null,
      first_name = null,
      last_name = null,
      avatar_url = null,
      is_deleted = true,
      is_disabled = true
    where user_id = ${userId}`
}

/** Nothing is left to be hidden, and the index of disabled accounts stays small. */
async function endErasure(tx: Tx, userId: number): Promise<void> {
  await tx`
    delete from post_key
    where creator_id = ${userId}`
  await tx`
    update author
    set is_disabled = false
    where user_id = ${userId}`
}
