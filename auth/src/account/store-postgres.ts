import { appendEvent } from '@ego/kit/outbox'
import type { Sql, Tx } from '@ego/kit/postgres'
import { constraintOf } from '@ego/kit/postgres-errors'
import { part } from '@ego/kit/sql-text'
import { insertSession } from '../session/store-postgres.ts'
import { userRegistered } from './events.ts'
import { type AccountRow, accountColumns, toAccount } from './row-postgres.ts'
import type { AccountStore, Conflict, NewAccount } from './store.ts'

const conflicts: Readonly<Record<string, Conflict>> = {
  account_username_taken: 'username_taken',
  account_email_taken: 'email_taken',
}

export function postgresAccounts(sql: Sql): AccountStore {
  return {
    register: (account, session, requestId) =>
      orConflict(() =>
        sql.begin(async (tx) => {
          const created = await insertAccount(tx, account, requestId)
          const { session: started } = await insertSession(tx, created.userId, session)
          return { account: created, session: started }
        }),
      ),

    create: (account) => orConflict(() => sql.begin((tx) => insertAccount(tx, account, null))),

    async findForLogin(name) {
      const matches =
        'username' in name
          ? part`lower(username) = lower(${name.username})`
          : part`lower(user_email) = lower(${name.userEmail})`
      const [row] = await sql<(AccountRow & { password_hash: string })[]>`
        select ${accountColumns}, password_hash
        from account
        where ${matches}`
      return row ? { account: toAccount(row), passwordHash: row.password_hash } : null
    },
  }
}

async function insertAccount(tx: Tx, account: NewAccount, requestId: string | null) {
  const [row] = await tx<[AccountRow]>`
    insert into account (username, user_email, password_hash, roles)
    values (${account.username}, ${account.userEmail}, ${account.passwordHash}, ${[...account.roles]})
    returning ${accountColumns}`
  const created = toAccount(row)
  await appendEvent(tx, userRegistered, {
    key: String(created.userId),
    payload: { user_id: created.userId, username: created.username },
    requestId,
  })
  return created
}

async function orConflict<T>(write: () => Promise<T>): Promise<T | Conflict> {
  try {
    return await write()
  } catch (error) {
    const conflict = conflicts[constraintOf(error) ?? '']
    if (conflict) return conflict
    throw error
  }
}
