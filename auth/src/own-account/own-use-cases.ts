import { Problem } from '@ego/kit/http/problem'
import type { Account } from '../account/account.ts'
import type { AccountStore } from '../account/store.ts'
import { readOwnAccount, taken } from '../account/use-cases.ts'
import type { By } from '../audit/audit.ts'
import type { Attempts, takeQuota } from '../guessing/guess-limiter-key-value.ts'
import type { Quotas } from '../guessing/quotas.ts'
import type { CommonPasswords } from '../hashing/common-passwords.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { refuseGuessable } from '../hashing/rules.ts'
import { type Letters, noticeTo } from '../mail-token/mail.ts'
import type { SessionStore } from '../session/store.ts'
import { type ProofDeps, provePassword, refusePasswordAsName, wrongPassword } from './proof.ts'

export type OwnChange = {
  username?: string | undefined
  user_email?: string | undefined
  password?: string | undefined
  current_password?: string | undefined
}

type Deps = {
  accounts: AccountStore
  sessions: Pick<SessionStore, 'find'>
  passwords: Passwords
  commonPasswords: CommonPasswords
  attempts: Attempts
  takeQuota: ReturnType<typeof takeQuota>
  quotas: Quotas
  letters: Letters
  now: () => number
}

type EmailDeps = Pick<Deps, 'accounts' | 'letters' | 'takeQuota' | 'quotas'>

export function changeOwnAccount(deps: Deps) {
  const { accounts, now } = deps
  const readAccount = readOwnAccount({ accounts })
  const prove = provePassword(deps)
  const refuseNames = refusePasswordAsName(deps)
  const prepareEmail = newEmailPreparation(deps)
  const preparePassword = newPasswordPreparation(deps)

  return async (userId: number, sessionId: string, change: OwnChange, by: By): Promise<Account> => {
    const account = await readAccount(userId)
    const prover = { userId, sessionId, ip: by.ip }
    const { username, password, user_email, current_password } = change
    const wantsProof = (current_password ?? password ?? user_email) !== undefined
    const passwordSince = wantsProof ? await prove(prover, current_password ?? '') : null
    if (password === undefined) await refuseNames(account, change, prover)
    const at = new Date(now())
    const email = await prepareEmail(account, user_email)
    const renamed = { ...account, username: username ?? account.username }
    const secret = await preparePassword(renamed, change, by, at)
    const prepared = {
      username,
      passwordHash: secret?.passwordHash,
      newEmail: email?.newEmail,
      letters: [email, secret].flatMap((part) => part?.letter ?? []),
      at,
    }
    const changed = await accounts.change({ userId, sessionId, passwordSince }, prepared, by)
    if (typeof changed === 'string') throw taken(changed)
    if (changed) return changed
    // Right when it was proven, but another one has been set since.
    throw wrongPassword()
  }
}

function newEmailPreparation({ accounts, letters, takeQuota, quotas }: EmailDeps) {
  return async (account: Account, userEmail: string | undefined) => {
    if (userEmail === undefined || userEmail === account.userEmail) return null
    // The proof has just seen that the session is alive: an ended one uses up no mails of the owner.
    await takeQuota(quotas.mailsOfAccount, String(account.userId))
    const isOwn = userEmail.toLowerCase() === account.userEmail.toLowerCase()
    if (!isOwn && (await accounts.isEmailTaken(userEmail))) throw taken('email_taken')
    // Only now: what somebody else's address may get is not used up by whoever asks for it here.
    await takeQuota(quotas.newEmailMailsToAddress, userEmail)
    const owner = { userEmail, username: account.username }
    const { letter, tokenHash } = await letters.sealToken('email_change_confirm', owner)
    return { letter, newEmail: { userEmail, tokenHash } }
  }
}

type SecretDeps = Pick<Deps, 'passwords' | 'commonPasswords' | 'letters'>

function newPasswordPreparation({ passwords, commonPasswords, letters }: SecretDeps) {
  return async (account: Account, { password, user_email }: OwnChange, by: By, at: Date) => {
    if (password === undefined) return null
    const { username, userEmail } = account
    // The old address holds until the new one is confirmed.
    for (const address of [userEmail, user_email ?? userEmail]) {
      refuseGuessable(commonPasswords, { password, username, userEmail: address })
    }
    const letter = await letters.seal('password_changed', noticeTo(account, by, at))
    return { letter, passwordHash: await passwords.hash(password) }
  }
}

type DeleteDeps = ProofDeps & { accounts: Pick<AccountStore, 'delete'> }

export function deleteOwnAccount(deps: DeleteDeps) {
  const prove = provePassword(deps)
  return async (userId: number, sessionId: string, password: string, by: By): Promise<void> => {
    const passwordSince = await prove({ userId, sessionId, ip: by.ip }, password)
    const outcome = await deps.accounts.delete({ userId, sessionId, passwordSince }, by)
    if (outcome === 'deleted') return
    if (outcome === 'stale') throw wrongPassword()
    const text = 'You are the last member of the staff. Make somebody else staff first.'
    throw new Problem(409, 'last_staff', text)
  }
}
