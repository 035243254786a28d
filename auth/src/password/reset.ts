import { networkOf } from '@ego/kit/http/client-ip'
import type { By } from '../audit/audit.ts'
import type { takeQuota, tryQuota } from '../guessing/guess-limiter-key-value.ts'
import type { Quotas } from '../guessing/quotas.ts'
import type { CommonPasswords } from '../hashing/common-passwords.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { refuseGuessable } from '../hashing/rules.ts'
import { type Letters, noticeTo } from '../mail-token/mail.ts'
import { hashMailedToken, mailedTokenInvalid } from '../mail-token/mail-token.ts'
import type { PasswordStore } from './store.ts'

type Deps = {
  passwordStore: PasswordStore
  passwords: Passwords
  commonPasswords: CommonPasswords
  letters: Letters
  /** Seals for auth itself. */
  seal: (value: unknown) => Promise<string>
  takeQuota: ReturnType<typeof takeQuota>
  tryQuota: ReturnType<typeof tryQuota>
  quotas: Quotas
  now: () => number
}

type Forget = Pick<Deps, 'passwordStore' | 'seal' | 'takeQuota' | 'tryQuota' | 'quotas'>

/** Does the same for every address, so that neither answer nor time tells who has an account. */
export function forgetPassword({ passwordStore, seal, takeQuota, tryQuota, quotas }: Forget) {
  return async (userEmail: string, ip: string, requestId: string): Promise<void> => {
    const network = networkOf(ip)
    await takeQuota(quotas.mailsOfIp, network)
    // With the network: a stranger who asks too often keeps only himself from it, and not the owner.
    await takeQuota(quotas.mailsOfAccount, `${userEmail}\n${network}`)
    if (!(await tryQuota(quotas.resetMailsToAddress, userEmail))) return
    await passwordStore.forget(await seal({ user_email: userEmail }), requestId)
  }
}

type ResetDeps = Pick<Deps, 'passwordStore' | 'passwords' | 'commonPasswords' | 'letters' | 'now'>

export function resetPassword(deps: ResetDeps) {
  const { passwordStore, passwords, commonPasswords, letters, now } = deps
  return async (token: string, password: string, by: By): Promise<void> => {
    const tokenHash = hashMailedToken(token)
    const at = new Date(now())
    // Before hashing, which costs: a made-up token must not.
    const owner = await passwordStore.findByResetToken(tokenHash, at)
    if (!owner) throw mailedTokenInvalid()
    refuseGuessable(commonPasswords, { password, ...owner })
    const passwordHash = await passwords.hash(password)
    const isDone = await passwordStore.reset({ tokenHash, passwordHash, at }, by, (account) =>
      letters.seal('password_changed', noticeTo(account, by, at)),
    )
    if (!isDone) throw mailedTokenInvalid()
  }
}
