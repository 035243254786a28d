import { userRegistered } from '@ego/contracts/events/account'
import { appendEvent } from '@ego/kit/events/outbox'
import { constraintOf } from '@ego/kit/postgres/errors'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import type { Account } from './account.ts'
import type { AccountStore, Conflict, NewAccount } from './store.ts'

export type AccountRow = {
  user_id: number
  username: string
  user_email: string
  email_verified_at: Date | null
  roles: string[]
  status: Account['status']
  account_created_at: Date
}

type ProofRow = { password_hash: string; password_since: string }

export const accountColumns = part`
  account.user_id, account.username, account.user_email, account.email_verified_at,
  account.roles, account.status, account.created_at as account_created_at`

// The time as text, because a Date would lose the microseconds.
const proofColumns = part`password_hash, password_changed_at::text as password_since`

export function postgresAccounts(sql: Sql): AccountStore {
  return {
    create: (account) => orConflict(() => sql.begin((tx) => insertAccount(tx, account, null))),

    find: (userId) => findAccount(sql, userId),

    async findForLogin(name) {
      const matches =
        'username' in name
          ? part`lower(username) = lower(${name.username})`
          : part`lower(user_email) = lower(${name.userEmail})`
      const [row] = await sql<(AccountRow & ProofRow)[]>`
        select ${accountColumns}, ${proofColumns}
        from account
        where ${matches}`
      return row ? { account: toAccount(row), ...toProof(row) } : null
    },

    async findProof(userId) {
      const [row] = await sql<ProofRow[]>`
        select ${proofColumns}
        from account
        where user_id = ${userId}`
      return row ? toProof(row) : null
    },

    async hasStaff() {
      const [row] = await sql`
        select 1
        from account
        where roles @> array['staff']
        limit 1`
      return row !== undefined
    },

    async isEmailTaken(userEmail) {
      const [row] = await sql`
        select 1
        from account
        where lower(user_email) = lower(${userEmail})`
      return row !== undefined
    },

    async rehash(userId, oldHash, newHash) {
      await sql`
        update account
        set password_hash = ${newHash}
        where user_id = ${userId} and password_hash = ${oldHash}`
    },
  }
}

export async function findAccount(tx: Tx, userId: number): Promise<Account | null> {
  const [row] = await tx<AccountRow[]>`
    select ${accountColumns}
    from account
    where user_id = ${userId}`
  return row ? toAccount(row) : null
}

export async function insertAccount(tx: Tx, account: NewAccount, requestId: string | null) {
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

const conflicts: Readonly<Record<string, Conflict>> = {
  account_username_taken: 'username_taken',
  account_email_taken: 'email_taken',
}

export async function orConflict<T>(write: () => Promise<T>): Promise<T | Conflict> {
  try {
    return await write()
  } catch (error) {
    const conflict = conflicts[constraintOf(error) ?? '']
    if (conflict) return conflict
    throw error
  }
}

export function toAccount(row: AccountRow): Account {
  return {
    userId: row.user_id,
    username: row.username,
    userEmail: row.user_email,
    isEmailVerified: row.email_verified_at !== null,
    roles: row.roles,
    status: row.status,
    createdAt: row.account_created_at,
  }
}

function toProof(row: ProofRow) {
  return { passwordHash: row.password_hash, passwordSince: row.password_since }
}
