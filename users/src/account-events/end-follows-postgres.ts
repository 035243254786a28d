import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { identifier } from '@ego/kit/postgres/sql-text'
import type { ProfileCache } from '../profile/cache.ts'

/** An erasure has to succeed however many followers there are: the usual limits are for requests. */
const endingMsMax = 300_000
const endedAtOnceMax = 1_000

type Deps = { sql: Sql; cache: Pick<ProfileCache, 'invalidateAfter'>; atOnceMax?: number }

/**
 * Ends the follows of a person whose account is going to be erased, some at a time and each time committed, so that no
 * request waits long for a profile. After an interruption, it goes on with those that are left.
 */
export function endFollowsInBatches({ sql, cache, atOnceMax = endedAtOnceMax }: Deps) {
  return async (userId: number): Promise<void> => {
    await endSide(userId, 'followed_id', 'follower_id')
    await endSide(userId, 'follower_id', 'followed_id')
  }

  async function endSide(userId: number, own: string, other: string): Promise<void> {
    // From where the batch before has ended: what it has deleted would be read again otherwise.
    let before = Number.MAX_SAFE_INTEGER
    for (;;) {
      const rows = await sql<{ user_id: number; position: number }[]>`
        select ${identifier(other)} as user_id, position
        from follow
        where ${identifier(own)} = ${userId} and position < ${before}
        order by position desc
        limit ${atOnceMax}`
      const last = rows.at(-1)
      if (!last) return
      const others = rows.map((row) => row.user_id)
      await cache.invalidateAfter(others, () =>
        sql.begin(async (tx) => {
          await endFollowsWith(await withPatience(tx), userId, others)
        }),
      )
      before = last.position
    }
  }
}

/** Ends the rest in the transaction that erases the account, and answers whose counters it changed. */
export async function endFollows(transaction: Tx, userId: number): Promise<number[]> {
  const tx = await withPatience(transaction)
  // No follow of this user begins meanwhile: following takes the same lock, shared.
  await tx`select pg_advisory_xact_lock(hashtextextended('users.follows', ${userId}))`
  const rows = await tx<{ user_id: number }[]>`
    select follower_id as user_id
    from follow
    where followed_id = ${userId}
    union
    select followed_id
    from follow
    where follower_id = ${userId}`
  const others = rows.map((row) => row.user_id)
  await endFollowsWith(tx, userId, others)
  return others
}

async function withPatience(tx: Tx): Promise<Tx> {
  await tx`
    select
      set_config('statement_timeout', ${String(endingMsMax)}, true),
      set_config('lock_timeout', ${String(endingMsMax)}, true)`
  return tx.patient(endingMsMax)
}

/** In both directions. The profiles are locked in the order of their ids, as everywhere, and before any follow. */
async function endFollowsWith(tx: Tx, userId: number, others: readonly number[]): Promise<void> {
  await tx`
    select 1
    from profile
    where user_id = any(${[userId, ...others]}::bigint[])
    order by user_id
    for no key update`
  await tx`
    with ended as (
      delete from follow
      where (follower_id = ${userId} and followed_id = any(${others}::bigint[]))
        or (followed_id = ${userId} and follower_id = any(${others}::bigint[]))
      returning follower_id, followed_id
    ),
    lost as (
      select user_id, sum(followers) as followers, sum(following) as following
      from (
        select followed_id as user_id, 1 as followers, 0 as following from ended
        union all
        select follower_id, 0, 1 from ended
      ) as each
      group by user_id
    )
    update profile
    set followers = profile.followers - lost.followers, following = profile.following - lost.following
    from lost
    where profile.user_id = lost.user_id`
}
