import type { Sql, Tx } from '@ego/kit/postgres'
import type { AccountStore, KnownAccount } from './store.ts'

export function postgresAccounts(sql: Sql): AccountStore {
  return {
    async find(userId) {
      const [row] = await sql<{ user_id: number; username: string }[]>`
        select user_id, username
        from account
        where user_id = ${userId}`
      return row ? { userId: row.user_id, username: row.username } : null
    },
  }
}

export async function upsertAccount(tx: Tx, account: KnownAccount): Promise<void> {
  await tx`
    insert into account (user_id, username)
    values (${account.userId}, ${account.username})
    on conflict (user_id) do update set username = excluded.username`
}

/** Its profile goes with it, by the foreign key. */
export async function deleteAccount(tx: Tx, userId: number): Promise<void> {
  await tx`
    delete from account
    where user_id = ${userId}`
}
