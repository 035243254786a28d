import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { beginExchange, renameAccount, setPassword } from '../account/change-postgres.ts'
import { deleteAccount, orLastStaff } from '../account/last-staff-postgres.ts'
import { lockOwn } from '../account/lock-postgres.ts'
import { findAccount, insertAccount, orConflict } from '../account/store-postgres.ts'
import type { By } from '../audit/audit.ts'
import { appendAudit } from '../audit/store-postgres.ts'
import { insertMailToken, requestMail } from '../mail-token/store-postgres.ts'
import { endSessions, type OnEnded } from '../revocation/end-sessions-postgres.ts'
import { insertSession } from '../session/start-postgres.ts'
import type { AccountChange, OwnAccountStore, OwnerRefusal, ProvenOwner } from './store.ts'

export function postgresOwnAccounts(sql: Sql, onEnded: OnEnded): OwnAccountStore {
  return {
    register: (account, { session, tokenHash, mail }, by) =>
      orConflict(() =>
        sql.begin(async (tx) => {
          const { userEmail } = account
          const created = await insertAccount(tx, account, by.requestId)
          const { userId } = created
          const started = await insertSession(tx, userId, session, by, 'account.registered')
          const at = session.startedAt
          const purpose = 'email_verification'
          await insertMailToken(tx, { tokenHash, userId, purpose, userEmail, at })
          await requestMail(tx, userId, mail, by.requestId)
          return { account: created, session: started }
        }),
      ),

    change: (owner, change, by) =>
      orConflict(async () => {
        const outcome = await beginExchange(
          sql,
          async (tx) => (await lockProven(tx, owner)) ?? changeAccount(tx, owner, change, by),
        )
        if (typeof outcome === 'string') return outcome
        onEnded(outcome.endedIds)
        return outcome.account
      }),

    delete: (owner, by) =>
      orLastStaff(async () => {
        const { userId } = owner
        const outcome = await sql.begin(async (tx) => {
          const refusal = await lockProven(tx, owner)
          if (refusal) return refusal
          const endedIds = await deleteAccount(tx, userId, by.requestId)
          await appendAudit(tx, by, { action: 'account.deleted', userId })
          return { endedIds }
        })
        if (typeof outcome === 'string') return outcome
        onEnded(outcome.endedIds)
        return 'deleted'
      }),
  }
}

async function lockProven(tx: Tx, owner: ProvenOwner): Promise<OwnerRefusal | null> {
  const account = await lockOwn(tx, owner)
  if (!account) return 'session_ended'
  const { passwordSince } = owner
  const isProven = passwordSince === null || passwordSince === account.passwordSince
  return isProven ? null : 'password_changed'
}

async function changeAccount(
  tx: Tx,
  { userId, sessionId }: ProvenOwner,
  { username, passwordHash, newEmail, mails, at }: AccountChange,
  by: By,
) {
  let endedIds: string[] = []
  if (username !== undefined) {
    const isNew = await renameAccount(tx, userId, username, by.requestId)
    if (isNew) await appendAudit(tx, by, { action: 'account.renamed', userId })
  }
  if (passwordHash !== undefined) {
    await setPassword(tx, userId, passwordHash, at)
    await appendAudit(tx, by, { action: 'password.changed', userId })
    const others = part`user_id = ${userId} and session_id <> ${sessionId}`
    endedIds = await endSessions(tx, others)
  }
  if (newEmail) {
    await insertMailToken(tx, { ...newEmail, userId, purpose: 'email_change', at })
    await appendAudit(tx, by, { action: 'email.change_requested', userId })
  }
  for (const mail of mails) await requestMail(tx, userId, mail, by.requestId)
  const account = await findAccount(tx, userId)
  return account ? { account, endedIds } : ('session_ended' as const)
}
