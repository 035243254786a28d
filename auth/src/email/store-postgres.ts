import { constraintOf } from '@ego/kit/postgres/errors'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { beginExchange, verifyEmail } from '../account/change-postgres.ts'
import { lockOwn } from '../account/lock-postgres.ts'
import { appendAudit } from '../audit/store-postgres.ts'
import {
  deleteMailTokens,
  insertMailToken,
  requestMail,
  type TakenToken,
  takeWithOwner,
} from '../mail-token/store-postgres.ts'
import type { EmailStore } from './store.ts'

export function postgresEmails(sql: Sql): EmailStore {
  return {
    requestVerification: ({ mail, sessionId, ...token }, requestId) =>
      sql.begin(async (tx) => {
        if (!(await lockOwn(tx, { userId: token.userId, sessionId }))) return 'session_ended'
        await insertMailToken(tx, { ...token, purpose: 'email_verification' })
        await requestMail(tx, token.userId, mail, requestId)
        return 'requested'
      }),

    async confirm(tokenHash, at, by, notice) {
      try {
        return await beginExchange(sql, async (tx) => {
          const purposes = ['email_verification', 'email_change'] as const
          const taken = await takeWithOwner(tx, tokenHash, purposes, at)
          if (!taken) return 'invalid'
          const { token, owner } = taken
          const { userId, userEmail } = token
          if (token.purpose === 'email_verification') {
            if (!(await verifyEmail(tx, token, at))) return 'invalid'
            await appendAudit(tx, by, { action: 'email.verified', userId })
            return 'confirmed'
          }
          await changeEmail(tx, token, at)
          await appendAudit(tx, by, { action: 'email.changed', userId })
          await requestMail(tx, userId, await notice(owner, userEmail), by.requestId)
          return 'confirmed'
        })
      } catch (error) {
        if (constraintOf(error) === 'account_email_taken') return 'email_taken'
        throw error
      }
    },
  }
}

async function changeEmail(tx: Tx, { userId, userEmail }: TakenToken, at: Date) {
  await tx`
    update account
    set user_email = ${userEmail}, email_verified_at = ${at}
    where user_id = ${userId}`
  // A reset that was mailed to the old address must not outlive it.
  await deleteMailTokens(tx, userId)
}
