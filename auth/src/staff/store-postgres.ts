import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import {
  deleteAccount,
  orLastStaff,
  renameAccount,
  setRoles,
  setStatus,
} from '../account/change-postgres.ts'
import { beginExchange } from '../account/exchange-postgres.ts'
import { lockAsStaff } from '../account/lock-postgres.ts'
import { type AccountRow, accountColumns, toAccount } from '../account/row-postgres.ts'
import { insertAccount, orConflict } from '../account/store-postgres.ts'
import type { By } from '../audit/audit.ts'
import { appendAudit } from '../audit/store-postgres.ts'
import { requestMail } from '../mail-token/outbox-postgres.ts'
import { endSessions, type OnEnded } from '../revocation/end-sessions-postgres.ts'
import type { UserChange, UserStore } from './store.ts'

export function postgresUsers(sql: Sql, onEnded: OnEnded): UserStore {
  return {
    async list({ query, status, role, limit, before }) {
      const rows = await sql<AccountRow[]>`
        select ${accountColumns}
        from account
        where true
        ${query === null ? part`` : matches(query)}
        ${status === null ? part`` : part`and status = ${status}`}
        ${role === null ? part`` : part`and roles @> ${[role]}`}
        ${before === null ? part`` : part`and user_id < ${before}`}
        order by user_id desc
        limit ${limit}`
      return rows.map(toAccount)
    },

    async find(userId) {
      const row = await selectAccount(sql, userId)
      return row ? toAccount(row) : null
    },

    create: (account, by) =>
      orConflict(() =>
        sql.begin(async (tx) => {
          await lockAsStaff(tx, by, null)
          const created = await insertAccount(tx, account, by.requestId)
          const { userId } = created
          await appendAudit(tx, by, { action: 'account.created', userId, detail: rolesOf(created) })
          return created
        }),
      ),

    change: (userId, change, by) =>
      orLastStaff(() =>
        orConflict(async () => {
          const changed = await beginExchange(sql, async (tx) => {
            if (!(await lockAsStaff(tx, by, userId))) return null
            const endedIds = await changeAccount(tx, userId, change, by)
            return { endedIds, row: await selectAccount(tx, userId) }
          })
          onEnded(changed?.endedIds ?? [])
          return changed?.row ? toAccount(changed.row) : null
        }),
      ),

    delete: (userId, by) =>
      orLastStaff(async () => {
        const endedIds = await sql.begin(async (tx) => {
          if (!(await lockAsStaff(tx, by, userId))) return null
          const ids = await deleteAccount(tx, userId, by.requestId)
          await appendAudit(tx, by, { action: 'account.deleted', userId })
          return ids
        })
        onEnded(endedIds ?? [])
        return endedIds && 'deleted'
      }),

    async endSessions(userId, by) {
      const endedIds = await sql.begin(async (tx) => {
        if (!(await lockAsStaff(tx, by, userId))) return null
        const ids = await endSessions(tx, part`user_id = ${userId}`)
        const detail = { sessions: ids.length }
        await appendAudit(tx, by, { action: 'sessions.ended', userId, detail })
        return ids
      })
      onEnded(endedIds ?? [])
      return endedIds !== null
    },
  }
}

/** The expression of the index account_search. */
function matches(query: string) {
  const pattern = `%${query.replaceAll(/[\\%_]/g, '\\$&')}%`
  return part`and (lower(username) || ' ' || lower(user_email)) like lower(${pattern})`
}

async function selectAccount(tx: Tx, userId: number): Promise<AccountRow | undefined> {
  const [row] = await tx<AccountRow[]>`
    select ${accountColumns}
    from account
    where user_id = ${userId}`
  return row
}

/**
 * The ids of the sessions that it ended. Names come first: they may wait for somebody who takes the same one, and from
 * the check of the last staff on nobody may wait.
 */
async function changeAccount(tx: Tx, userId: number, change: UserChange, by: By) {
  const { username, newEmail, roles, status } = change
  const audit = (action: Parameters<typeof appendAudit>[2]['action'], detail = {}) =>
    appendAudit(tx, by, { action, userId, detail })

  if (username !== undefined && (await renameAccount(tx, userId, username, by.requestId))) {
    await audit('account.renamed')
  }
  if (newEmail && (await setEmail(tx, userId, newEmail, by.requestId))) {
    await audit('email.changed')
  }
  const changed = roles === undefined ? null : await setRoles(tx, userId, roles)
  if (changed) await audit('roles.changed', { added: changed.added, removed: changed.removed })
  const endedIds = status === undefined ? null : await setStatus(tx, userId, status, by.requestId)
  if (endedIds) await audit(status === 'disabled' ? 'account.disabled' : 'account.enabled')
  return [...(changed?.endedIds ?? []), ...(endedIds ?? [])]
}

/** `false` when that is its address already. Nobody has shown yet that another one is theirs. */
async function setEmail(
  tx: Tx,
  userId: number,
  { userEmail, notice }: NonNullable<UserChange['newEmail']>,
  requestId: string | null,
): Promise<boolean> {
  const [row] = await tx<{ username: string; old_email: string }[]>`
    update account
    set
      user_email = ${userEmail},
      email_verified_at =
        case when lower(user_email) = lower(${userEmail}) then email_verified_at end
    where user_id = ${userId} and user_email <> ${userEmail}
    returning username, old.user_email as old_email`
  if (!row) return false
  await tx`
    delete from mail_token
    where user_id = ${userId}`
  const old = { username: row.username, userEmail: row.old_email }
  await requestMail(tx, userId, await notice(old, userEmail), requestId)
  return true
}

function rolesOf({ roles }: { roles: readonly string[] }) {
  return roles.length > 0 ? { roles } : {}
}
