import { passwordForgotten } from '@ego/contracts/events/mail'
import { appendEvent } from '@ego/kit/events/outbox'
import type { Sql } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { setPassword, verifyEmail } from '../account/change-postgres.ts'
import { appendAudit } from '../audit/store-postgres.ts'
import { requestMail, takeWithOwner } from '../mail-token/store-postgres.ts'
import { endSessions, type OnEnded } from '../revocation/end-sessions-postgres.ts'
import type { PasswordStore } from './store.ts'

export function postgresPasswordStore(sql: Sql, onEnded: OnEnded): PasswordStore {
  return {
    forget: (sealed, requestId) =>
      // One key for all of them: the key of an event must not tell whose it is.
      sql.begin((tx) =>
        appendEvent(tx, passwordForgotten, { key: 'forgotten', payload: { sealed }, requestId }),
      ),

    async findByResetToken(tokenHash, at) {
      const [row] = await sql<{ username: string; user_email: string }[]>`
        select username, account.user_email
        from mail_token
        join account using (user_id)
        where token_hash = ${tokenHash}
          and purpose = 'password_reset'
          and expires_at > ${at}
          and account.user_email = mail_token.user_email`
      return row ? { username: row.username, userEmail: row.user_email } : null
    },

    async reset({ tokenHash, passwordHash, at }, by, notice) {
      const endedIds = await sql.begin(async (tx) => {
        const taken = await takeWithOwner(tx, tokenHash, ['password_reset'], at)
        // A token proves the address that it was mailed to, and the account may have another one by now.
        if (!taken || taken.token.userEmail !== taken.owner.userEmail) return null
        const { userId } = taken.token
        await setPassword(tx, userId, passwordHash, at)
        await verifyEmail(tx, taken.token, at)
        await appendAudit(tx, by, { action: 'password.reset', userId })
        await requestMail(tx, userId, await notice(taken.owner), by.requestId)
        return endSessions(tx, part`user_id = ${userId}`)
      })
      onEnded(endedIds ?? [])
      return endedIds !== null
    },
  }
}
