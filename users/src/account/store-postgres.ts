import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import type { AccountStore, KnownAccount } from './store.ts'

export function postgresAccounts(sql: Sql): AccountStore {
  return {
    async find(userId) {
      const [row] = await sql<{ user_id: number; username: string }[]>`
        select user_id, username
        from account
        where user_id = ${userId} and username <> ${nameless}`
      return row ? { userId: row.user_id, username: row.username } : null
    },
  }
}

/** Of an account that was disabled before its registration has arrived; for all other uses it is not there yet. */
const nameless = ''

// The profile has copies of these, for the lists; the row of the account is always locked first.

export async function nameAccount(tx: Tx, { userId, username }: KnownAccount): Promise<void> {
  await tx`
    insert into account (user_id, username)
    values (${userId}, ${username})
    on conflict (user_id) do update set username = excluded.username`
  await tx`
    update profile
    set username = ${username}
    where user_id = ${userId} and username <> ${username}`
}

export async function disableAccount(tx: Tx, userId: number): Promise<void> {
  await tx`
    insert into account (user_id, username, is_disabled)
    values (${userId}, ${nameless}, true)
    on conflict (user_id) do update set is_disabled = true`
  await copyState(tx, userId, true)
}

export async function enableAccount(tx: Tx, userId: number): Promise<void> {
  await tx`
    update account
    set is_disabled = false
    where user_id = ${userId}`
  await copyState(tx, userId, false)
}

async function copyState(tx: Tx, userId: number, isDisabled: boolean): Promise<void> {
  await tx`
    update profile
    set is_disabled = ${isDisabled}
    where user_id = ${userId}`
}

/** For the transaction that creates its profile: its name and state stay as they are until the commit. */
export async function holdAccount(tx: Tx, userId: number) {
  const [row] = await tx<{ username: string; is_disabled: boolean }[]>`
    select username, is_disabled
    from account
    where user_id = ${userId} and username <> ${nameless}
    for share`
  return row ? { username: row.username, isDisabled: row.is_disabled } : null
}

/** Waits for a transaction that changes the account or creates its profile. */
export async function lockAccount(tx: Tx, userId: number): Promise<void> {
  await tx`
    select 1
    from account
    where user_id = ${userId}
    for update`
}

/** Its profile goes with it, by the foreign key. */
export async function deleteAccount(tx: Tx, userId: number): Promise<void> {
  await tx`
    delete from account
    where user_id = ${userId}`
}
