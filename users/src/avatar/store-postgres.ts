import type { Sql, Tx } from '@ego/kit/postgres'
import { appendUpdated, selectProfile } from '../profile/row-postgres.ts'
import type { Avatar } from './avatar.ts'
import type { AvatarStore, Replaced } from './store.ts'

export function postgresAvatars(sql: Sql): AvatarStore {
  return {
    async replace(avatar, write, requestId) {
      try {
        return await sql.begin(async (tx) => {
          await lockAvatars(tx, avatar.userId)
          if (!(await selectProfile(tx, avatar.userId))) return { outcome: 'no_profile' }
          // Outside of the transaction: the note must be there also if this process dies while it writes.
          await noteSet(sql, avatar)
          await write()
          return makeCurrent(tx, avatar, requestId)
        })
      } catch (error) {
        // Postgres ends a transaction that waits too long for its objects; a sweep may then have seen only half of them.
        await noteSet(sql, avatar)
        throw error
      }
    },

    drop: (userId, requestId) =>
      sql.begin(async (tx) => {
        const profile = await lockProfile(tx, userId)
        const before = await dropCurrent(tx, userId)
        if (profile && before) await appendUpdated(tx, { ...profile, avatarHash: null }, requestId)
        return before
      }),

    forget: (avatar, erase) =>
      sql.begin(async (tx) => {
        if (!(await tryLockAvatars(tx, avatar.userId))) return false
        const [left] = await tx`
          select 1
          from avatar
          where user_id = ${avatar.userId} and hash = ${avatar.avatarHash} and not is_current`
        if (!left) return false
        await erase()
        await tx`
          delete from avatar
          where user_id = ${avatar.userId} and hash = ${avatar.avatarHash}`
        return true
      }),

    async listLeft(limit) {
      const rows = await sql<Row[]>`
        select user_id, hash
        from avatar
        where not is_current
        order by created_at
        limit ${limit}`
      return rows.map(toAvatar)
    },
  }
}

async function makeCurrent(tx: Tx, avatar: Avatar, requestId: string | null): Promise<Replaced> {
  const { userId, avatarHash } = avatar
  const profile = await lockProfile(tx, userId)
  if (!profile) return { outcome: 'no_profile' }
  if (profile.avatarHash === avatarHash) return { outcome: 'replaced', before: null }
  const before = await dropCurrent(tx, userId)
  await tx`
    update avatar
    set is_current = true
    where user_id = ${userId} and hash = ${avatarHash}`
  await appendUpdated(tx, { ...profile, avatarHash }, requestId)
  return { outcome: 'replaced', before }
}

/** For a person whose account is erased, in the transaction that erases it. */
export async function dropCurrent(tx: Tx, userId: number): Promise<Avatar | null> {
  const [row] = await tx<Row[]>`
    update avatar
    set is_current = false
    where user_id = ${userId} and is_current
    returning user_id, hash`
  return row ? toAvatar(row) : null
}

type Row = { user_id: number; hash: string }

function toAvatar(row: Row): Avatar {
  return { userId: row.user_id, avatarHash: row.hash }
}

async function noteSet(sql: Tx, { userId, avatarHash }: Avatar): Promise<void> {
  await sql`
    insert into avatar (user_id, hash)
    values (${userId}, ${avatarHash})
    on conflict do nothing`
}

/** Held over the writing of objects, which may take long: the row of the profile stays free for everybody else. */
async function lockAvatars(tx: Tx, userId: number): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('users.avatar', ${userId}))`
}

async function tryLockAvatars(tx: Tx, userId: number): Promise<boolean> {
  const [row] = await tx<{ is_ours: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended('users.avatar', ${userId})) as is_ours`
  return row?.is_ours ?? false
}

async function lockProfile(tx: Tx, userId: number) {
  await tx`
    select 1
    from profile
    where user_id = ${userId}
    for no key update`
  return selectProfile(tx, userId)
}
