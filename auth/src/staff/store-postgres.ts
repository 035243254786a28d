import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { beginExchange, renameAccount } from '../account/change-postgres.ts'
import { deleteAccount, orLastStaff, setRoles, setStatus } from '../account/last-staff-postgres.ts'
import { type Locked, lockAsStaff } from '../account/lock-postgres.ts'
import {
  type AccountRow,
  accountColumns,
  findAccount,
  insertAccount,
  orConflict,
  toAccount,
} from '../account/store-postgres.ts'
import type { AuditAction, By } from '../audit/audit.ts'
import { appendAudit } from '../audit/store-postgres.ts'
import { deleteMailTokens, insertMailToken, requestMail } from '../mail-token/store-postgres.ts'
import { endSessions, type OnEnded } from '../revocation/end-sessions-postgres.ts'
import type { UserChange, UserRefusal, UserStore } from './store.ts'

export function postgresUsers(sql: Sql, onEnded: OnEnded): UserStore {
  /** Returns the result of a committed change, and tells of the sessions that it has ended. */
  function committed<T>(outcome: { result: T; endedIds: readonly string[] } | UserRefusal) {
    if (typeof outcome === 'string') return outcome
    onEnded(outcome.endedIds)
    return outcome.result
  }

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

    find: (userId) => findAccount(sql, userId),

    create: (account, by) =>
      orConflict(() =>
        sql.begin(async (tx) => {
          const locked = await lockAsStaff(tx, by, null)
          if (typeof locked === 'string') return locked
          const created = await insertAccount(tx, account, by.requestId)
          const { userId, roles } = created
          const detail = roles.length > 0 ? { roles } : {}
          await appendAudit(tx, by, { action: 'account.created', userId, detail })
          return created
        }),
      ),

    change: (userId, change, by) =>
      orLastStaff(() =>
        orConflict(async () =>
          committed(
            await beginExchange(sql, (tx) =>
              asStaff(tx, by, userId, async () => {
                const endedIds = await changeAccount(tx, userId, change, by)
                return { result: (await findAccount(tx, userId)) ?? 'not_found', endedIds }
              }),
            ),
          ),
        ),
      ),

    delete: (userId, by) =>
      orLastStaff(async () =>
        committed(
          await sql.begin((tx) =>
            asStaff(tx, by, userId, async () => {
              const endedIds = await deleteAccount(tx, userId, by.requestId)
              await appendAudit(tx, by, { action: 'account.deleted', userId })
              return { result: 'deleted', endedIds }
            }),
          ),
        ),
      ),

    endSessions: async (userId, by) =>
      committed(
        await sql.begin((tx) =>
          asStaff(tx, by, userId, async () => {
            const endedIds = await endSessions(tx, part`user_id = ${userId}`)
            const detail = { sessions: endedIds.length }
            await appendAudit(tx, by, { action: 'sessions.ended', userId, detail })
            return { result: 'ended', endedIds }
          }),
        ),
      ),

    requestReset: ({ mail, ...token }, by) =>
      sql.begin((tx) =>
        asStaff(tx, by, token.userId, async ({ userId, status }) => {
          if (status === 'disabled') return 'disabled'
          await insertMailToken(tx, { ...token, purpose: 'password_reset' })
          await requestMail(tx, userId, mail, by.requestId)
          await appendAudit(tx, by, { action: 'password.reset_requested', userId })
          return 'requested'
        }),
      ),
  }
}

/** Does the work once the actor and the account are locked, and the actor is still one of the staff. */
async function asStaff<const T>(
  tx: Tx,
  by: By,
  userId: number,
  work: (account: Locked) => Promise<T>,
): Promise<T | UserRefusal> {
  const account = await lockAsStaff(tx, by, userId)
  if (account === null) return 'not_found'
  return typeof account === 'string' ? account : work(account)
}

/** The expression of the index account_search. */
function matches(query: string) {
  const pattern = `%${query.replaceAll(/[\\%_]/g, '\\$&')}%`
  return part`and (lower(username) || ' ' || lower(user_email)) like lower(${pattern})`
}

/**
 * Returns the ids of the sessions that it ended. Names come first: they may wait for another account that takes the same
 * one, and after the check of the last staff no transaction may wait.
 */
async function changeAccount(tx: Tx, userId: number, change: UserChange, by: By) {
  const { username, newEmail, roles, status } = change
  const audit = (action: AuditAction, detail = {}) =>
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

/** Returns `false` when that is its address already. A new one is not verified: its mailbox has proven nothing yet. */
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
  await deleteMailTokens(tx, userId)
  const old = { username: row.username, userEmail: row.old_email }
  await requestMail(tx, userId, await notice(old, userEmail), requestId)
  return true
}
