import type { Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { renameAccount } from '../account/change-postgres.ts'
import { lockOwn } from '../account/lock-postgres.ts'
import { type AccountRow, accountColumns, toAccount } from '../account/row-postgres.ts'
import type { AccountChange, ProvenOwner } from '../account/store.ts'
import type { By } from '../audit/audit.ts'
import { appendAudit } from '../audit/store-postgres.ts'
import { requestMail } from '../mail-token/outbox-postgres.ts'
import { insertMailedToken } from '../mail-token/store-postgres.ts'
import { setPassword } from '../password/store-postgres.ts'
import { endSessions } from '../revocation/end-sessions-postgres.ts'

/** What somebody changes about their own account; `null` when the password is not the proven one any more. */
export async function changeAccount(
  tx: Tx,
  owner: ProvenOwner,
  { username, passwordHash, newEmail, letters, at }: AccountChange,
  by: By,
) {
  if (!(await lockOwn(tx, owner))) return null
  const { userId, sessionId } = owner
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
    await insertMailedToken(tx, { ...newEmail, userId, purpose: 'email_change', at })
    await appendAudit(tx, by, { action: 'email.change_requested', userId })
  }
  for (const letter of letters) await requestMail(tx, userId, letter, by.requestId)
  const [row] = await tx<AccountRow[]>`
    select ${accountColumns}
    from account
    where user_id = ${userId}`
  return row ? { account: toAccount(row), endedIds } : null
}
