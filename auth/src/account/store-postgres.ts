import { userRegistered } from '@ego/contracts/events/account'
import { appendEvent } from '@ego/kit/events/outbox'
import { constraintOf } from '@ego/kit/postgres/errors'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { appendAudit } from '../audit/store-postgres.ts'
import { requestMail } from '../mail-token/outbox-postgres.ts'
import { insertMailedToken } from '../mail-token/store-postgres.ts'
import { changeAccount } from '../own-account/store-postgres.ts'
import type { OnEnded } from '../revocation/end-sessions-postgres.ts'
import { insertSession } from '../session/start-postgres.ts'
import { deleteAccount, orLastStaff } from './change-postgres.ts'
import { beginExchange } from './exchange-postgres.ts'
import { lockOwn } from './lock-postgres.ts'
import { type AccountRow, accountColumns, toAccount } from './row-postgres.ts'
import type { AccountStore, Conflict, NewAccount } from './store.ts'

export function postgresAccounts(sql: Sql, onEnded: OnEnded): AccountStore {
  return {
    register: (account, { session, tokenHash, letter }, by) =>
      orConflict(() =>
        sql.begin(async (tx) => {
          const { userEmail } = account
          const created = await insertAccount(tx, account, by.requestId)
          const { userId } = created
          const started = await insertSession(tx, userId, session, by, 'account.registered')
          const at = session.startedAt
          const purpose = 'email_verification'
          await insertMailedToken(tx, { tokenHash, userId, purpose, userEmail, at })
          await requestMail(tx, userId, letter, by.requestId)
          return { account: created, session: started }
        }),
      ),

    create: (account) => orConflict(() => sql.begin((tx) => insertAccount(tx, account, null))),

    async find(userId) {
      const [row] = await sql<AccountRow[]>`
        select ${accountColumns}
        from account
        where user_id = ${userId}`
      return row ? toAccount(row) : null
    },

    async findForLogin(name) {
      const matches =
        'username' in name
          ? part`lower(username) = lower(${name.username})`
          : part`lower(user_email) = lower(${name.userEmail})`
      // As text, because a Date would lose the microseconds.
      const [row] = await sql<(AccountRow & { password_hash: string; password_since: string })[]>`
        select ${accountColumns}, password_hash, password_changed_at::text as password_since
        from account
        where ${matches}`
      if (!row) return null
      const { password_hash: passwordHash, password_since: passwordSince } = row
      return { account: toAccount(row), passwordHash, passwordSince }
    },

    async findProof(userId) {
      const [row] = await sql<{ password_hash: string; password_since: string }[]>`
        select password_hash, password_changed_at::text as password_since
        from account
        where user_id = ${userId}`
      return row ? { passwordHash: row.password_hash, passwordSince: row.password_since } : null
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

    change: (owner, change, by) =>
      orConflict(async () => {
        const changed = await beginExchange(sql, (tx) => changeAccount(tx, owner, change, by))
        onEnded(changed?.endedIds ?? [])
        return changed?.account ?? null
      }),

    async delete(owner, by) {
      const { userId } = owner
      const endedIds = await orLastStaff(() =>
        sql.begin(async (tx) => {
          if (!(await lockOwn(tx, owner))) return null
          const ids = await deleteAccount(tx, userId, by.requestId)
          await appendAudit(tx, by, { action: 'account.deleted', userId })
          return ids
        }),
      )
      if (endedIds === null) return 'stale'
      if (endedIds === 'last_staff') return endedIds
      onEnded(endedIds)
      return 'deleted'
    },
  }
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
