import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import type { Avatar } from '../profile/avatar.ts'
import { appendUpdated, selectProfile } from '../profile/row-postgres.ts'
import type { AvatarStore, Replaced } from './store.ts'

export function postgresAvatars(sql: Sql): AvatarStore {
  return {
    async replace(avatar, write, requestId) {
      try {
        return await sql.begin(async (tx) => {
          await lockAvatars(tx, avatar.userId)
          if (!(await selectProfile(tx, avatar.userId))) return 'no_profile'
          // Outside of the transaction: the row must be there also if this process dies while it writes.
          await insertSet(sql, avatar)
          await write()
          return makeCurrent(tx, avatar, requestId)
        })
      } catch (error) {
        // Postgres ends a transaction that waits too long for its objects; a sweep may then have seen only half of them.
        await insertSet(sql, avatar)
        throw error
      }
    },

    clear: (userId, requestId) =>
      sql.begin(async (tx) => {
        const profile = await lockProfile(tx, userId)
        const before = await unsetCurrent(tx, userId)
        if (profile && before) await appendUpdated(tx, { ...profile, avatarHash: null }, requestId)
        return before
      }),

    deleteUnused: (avatar, deleteObjects) =>
      sql.begin(async (tx) => {
        if (!(await tryLockAvatars(tx, avatar.userId))) return
        if ((await findSet(tx, avatar))?.is_current !== false) return
        await deleteObjects()
        await deleteSet(tx, avatar)
      }),

    deleteAllUnused: (userId, deleteObjects) =>
      sql.begin(async (tx) => {
        await lockAvatars(tx, userId)
        const rows = await tx<Row[]>`
          select user_id, hash
          from avatar
          where user_id = ${userId} and not is_current`
        await deleteObjects(rows.map(toAvatar))
        await tx`
          delete from avatar
          where user_id = ${userId} and hash = any(${rows.map(({ hash }) => hash)})`
      }),

    async listUnused(limit, after) {
      const { createdAt = '-infinity', userId = 0, avatarHash = '' } = after ?? {}
      const rows = await sql<(Row & { created_text: string })[]>`
        select user_id, hash, created_at::text as created_text
        from avatar
        where not is_current
          and (created_at, user_id, hash) > (${createdAt}::timestamptz, ${userId}, ${avatarHash})
        order by created_at, user_id, hash
        limit ${limit}`
      return rows.map((row) => ({ ...toAvatar(row), createdAt: row.created_text }))
    },

    async listUnknown(avatars) {
      const rows = await sql<Row[]>`
        select seen.user_id, seen.hash
        from unnest(
          ${avatars.map(({ userId }) => userId)}::bigint[],
          ${avatars.map(({ avatarHash }) => avatarHash)}::text[]
        ) as seen (user_id, hash)
        where not exists (
          select 1
          from avatar
          where avatar.user_id = seen.user_id and avatar.hash = seen.hash
        )`
      return rows.map(toAvatar)
    },

    deleteUnknown: (avatar, deleteObjects) =>
      sql.begin(async (tx) => {
        if (!(await tryLockAvatars(tx, avatar.userId))) return
        if (await findSet(tx, avatar)) return
        await deleteObjects()
      }),
  }
}

async function makeCurrent(tx: Tx, avatar: Avatar, requestId: string | null): Promise<Replaced> {
  const { userId, avatarHash } = avatar
  const profile = await lockProfile(tx, userId)
  if (!profile) return 'no_profile'
  if (profile.avatarHash === avatarHash) return { before: null }
  const before = await unsetCurrent(tx, userId)
  await tx`
    update avatar
    set is_current = true
    where user_id = ${userId} and hash = ${avatarHash}`
  await appendUpdated(tx, { ...profile, avatarHash }, requestId)
  return { before }
}

/** Also for the transaction that erases the account. */
export async function unsetCurrent(tx: Tx, userId: number): Promise<Avatar | null> {
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

async function insertSet(sql: Tx, { userId, avatarHash }: Avatar): Promise<void> {
  await sql`
    insert into avatar (user_id, hash)
    values (${userId}, ${avatarHash})
    on conflict do nothing`
}

async function findSet(tx: Tx, { userId, avatarHash }: Avatar) {
  const [row] = await tx<{ is_current: boolean }[]>`
    select is_current
    from avatar
    where user_id = ${userId} and hash = ${avatarHash}`
  return row
}

async function deleteSet(tx: Tx, { userId, avatarHash }: Avatar): Promise<void> {
  await tx`
    delete from avatar
    where user_id = ${userId} and hash = ${avatarHash}`
}

/** Held over the writing of objects, which may take long: the row of the profile stays free meanwhile. */
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
