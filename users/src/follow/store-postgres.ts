import { userFollowed, userUnfollowed } from '@ego/contracts/events/follow'
import { appendEvent } from '@ego/kit/events/outbox'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { identifier } from '@ego/kit/postgres/sql-text'
import type { Card } from '../profile/card.ts'
import { cardColumns, isVisible, withAvatar } from '../profile/row-postgres.ts'
import type { FollowStore, Listed } from './store.ts'

export function postgresFollows(sql: Sql): FollowStore {
  return {
    follow: (followerId, followedId, requestId) =>
      sql.begin(async (tx) => {
        await holdFollows(tx, followerId, followedId)
        const people = await lockProfiles(tx, followerId, followedId)
        if (!people.has(followerId)) return 'no_profile'
        if (!people.get(followedId)) return 'not_found'
        const { count } = await tx`
          insert into follow (follower_id, followed_id)
          values (${followerId}, ${followedId})
          on conflict do nothing`
        if (count === 0) return 'unchanged'
        await addToCounters(tx, followerId, followedId, 1)
        await appendEvent(tx, userFollowed, toEvent(followerId, followedId, requestId))
        return 'followed'
      }),

    unfollow: (followerId, followedId, requestId) =>
      sql.begin(async (tx) => {
        await lockProfiles(tx, followerId, followedId)
        const { count } = await tx`
          delete from follow
          where follower_id = ${followerId} and followed_id = ${followedId}`
        if (count === 0) return false
        await addToCounters(tx, followerId, followedId, -1)
        await appendEvent(tx, userUnfollowed, toEvent(followerId, followedId, requestId))
        return true
      }),

    async readRelation(viewerId, userId) {
      const rows = await sql<{ follower_id: number }[]>`
        select follower_id
        from follow
        where (follower_id, followed_id) in ((${viewerId}, ${userId}), (${userId}, ${viewerId}))`
      return {
        followedByMe: rows.some((row) => row.follower_id === viewerId),
        followsMe: rows.some((row) => row.follower_id === userId),
      }
    },

    async list({ userId, side, viewerId, before, limit }) {
      const [listed, ofList] =
        side === 'followers' ? ['follower_id', 'followed_id'] : ['followed_id', 'follower_id']
      // Each clause is one that an index can start from, also in a plan that is made for any values: with an "or" for the
      // first page, a late page would read all of the list before it.
      const beginning = before ?? Number.MAX_SAFE_INTEGER
      const scanMax = 500 + 10 * limit
      const rows = await sql<(ListedRow | EndRow)[]>`
        with page as materialized (
        select
          ${cardColumns},
          scanned.position,
          case when ${viewerId}::bigint is not null then (
            select count(*)
            from follow as pair
            where (pair.follower_id, pair.followed_id)
              in ((${viewerId}, profile.user_id), (profile.user_id, ${viewerId}))
          ) = 2 end as is_mutual
        from (
          select ${identifier(listed)} as user_id, position
          from follow
          where ${identifier(ofList)} = ${userId} and position < ${beginning}
          order by position desc
          limit ${scanMax}
        ) as scanned
        join profile using (user_id)
        ${withAvatar}
        where ${isVisible}
        order by scanned.position desc
        limit ${limit}
        )
        select page.*, scan.ended_at
        from (
          select case when (select count(*) from page) < ${limit} then (
            select position
            from follow
            where ${identifier(ofList)} = ${userId} and position < ${beginning}
            order by position desc
            offset ${scanMax - 1}
            limit 1
          ) end as ended_at
        ) as scan
        left join page on true
        order by page.position desc`
      return { found: rows.filter(isListed).map(toListed), scannedTo: rows[0]?.ended_at ?? null }
    },
  }
}

type EndRow = { userId: null; ended_at: number | null }
type ListedRow = Card & {
  position: number
  is_mutual: boolean | null
  ended_at: number | null
}

function isListed(row: ListedRow | EndRow): row is ListedRow {
  return row.userId !== null
}

function toListed({ position, is_mutual, ended_at, ...card }: ListedRow): Listed {
  return { card, position, isMutual: is_mutual }
}

/**
 * An erasure of either user, which ends all follows, waits meanwhile. The lower id first here too: a shared lock waits behind
 * a waiting exclusive one, so two in the other order could wait for each other.
 */
async function holdFollows(tx: Tx, followerId: number, followedId: number): Promise<void> {
  const [first, second] = [followerId, followedId].toSorted((a, b) => a - b)
  await tx`
    select
      pg_advisory_xact_lock_shared(hashtextextended('users.follows', ${first})),
      pg_advisory_xact_lock_shared(hashtextextended('users.follows', ${second}))`
}

/** Always the lower id first: two people who follow each other at once would otherwise wait for each other. */
async function lockProfiles(tx: Tx, ...userIds: number[]): Promise<Map<number, boolean>> {
  const rows = await tx<{ user_id: number; is_visible: boolean }[]>`
    select user_id, ${isVisible} as is_visible
    from profile
    where user_id = any(${userIds}::bigint[])
    order by user_id
    for no key update`
  return new Map(rows.map((row) => [row.user_id, row.is_visible]))
}

async function addToCounters(tx: Tx, followerId: number, followedId: number, change: 1 | -1) {
  await tx`
    update profile
    set
      following = following + case when user_id = ${followerId} then ${change}::int else 0 end,
      followers = followers + case when user_id = ${followedId} then ${change}::int else 0 end
    where user_id in (${followerId}, ${followedId})`
}

function toEvent(followerId: number, followedId: number, requestId: string | null) {
  const payload = { follower_id: followerId, followed_id: followedId }
  return { key: String(followerId), payload, requestId }
}
