import { Problem } from '@ego/kit/http/problem'
import type { AccountStore } from '../account/store.ts'
import type { By } from '../audit/audit.ts'
import type { takeQuota } from '../guessing/guess-limiter-key-value.ts'
import type { Quotas } from '../guessing/quotas.ts'
import type { Letters } from '../mail-token/mail.ts'
import { hashMailedToken, mailedTokenInvalid } from '../mail-token/mail-token.ts'
import type { SessionStore } from '../session/store.ts'
import { requireSession } from '../session/use-cases.ts'
import type { ChangeNotice, EmailStore } from './store.ts'

type Deps = {
  accounts: AccountStore
  sessions: Pick<SessionStore, 'find'>
  emails: EmailStore
  letters: Letters
  takeQuota: ReturnType<typeof takeQuota>
  quotas: Quotas
  now: () => number
}

/** Nothing is mailed for an address that is verified already; the answer is the same. */
export function requestVerification(deps: Deps) {
  const { accounts, emails, letters, takeQuota, quotas, now } = deps
  const requireAlive = requireSession(deps)
  return async (userId: number, sessionId: string, requestId: string): Promise<void> => {
    // An ended session must not use up what the owner may still be mailed.
    await requireAlive(sessionId)
    await takeQuota(quotas.mailsOfAccount, String(userId))
    const account = await accounts.find(userId)
    if (!account || account.isEmailVerified) return
    const { userEmail, username } = account
    const mailed = await letters.sealToken('verify_email', { userEmail, username })
    const at = new Date(now())
    const verification = { userId, sessionId, userEmail, ...mailed, at }
    await emails.requestVerification(verification, requestId)
  }
}

export function confirmEmail({ emails, letters, now }: Pick<Deps, 'emails' | 'letters' | 'now'>) {
  return async (token: string, by: By): Promise<void> => {
    const at = new Date(now())
    const notice = changeNotice({ letters }, at)
    const outcome = await emails.confirm(hashMailedToken(token), at, by, notice)
    if (outcome === 'invalid') throw mailedTokenInvalid()
    if (outcome === 'email_taken') {
      throw new Problem(409, 'email_taken', 'Another account has this e-mail address by now.')
    }
  }
}

/** What tells the old address of an account that it has a new one. */
export function changeNotice({ letters }: Pick<Deps, 'letters'>, at: Date): ChangeNotice {
  return ({ userEmail, username }, newEmail) =>
    letters.seal('email_changed', {
      to: userEmail,
      username,
      new_email: newEmail,
      at: at.toISOString(),
    })
}
