import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { type Account, password, userEmail, username } from '../account/account.ts'
import type { AccountStore } from '../account/store.ts'
import { type By, byOf } from '../audit/audit.ts'
import type { Quotas } from '../guessing/quotas.ts'
import { type CommonPasswords, refuseGuessable } from '../hashing/common-passwords.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { type Mails, noticeTo } from '../mail-token/mail.ts'
import { endedSession } from '../session/session-check.ts'
import type { SessionOwner } from '../session/store.ts'
import { accountSchema, accountView, ownProblems, readAccount, taken } from './own-account.ts'
import {
  type ProofDeps,
  proofProblems,
  provenPassword,
  provePassword,
  refusePasswordAsName,
  wrongPassword,
} from './proof.ts'
import type { OwnAccountStore } from './store.ts'

const accountChange = z
  .strictObject({
    username: username.optional(),
    user_email: userEmail.optional(),
    password: password.optional(),
    current_password: provenPassword.optional(),
  })
  .refine(({ current_password: _, ...rest }) => Object.keys(rest).length > 0, {
    message: 'Send at least one of username, user_email and password.',
  })
  .refine(
    ({ user_email, password, current_password }) =>
      (user_email ?? password) === undefined || current_password !== undefined,
    {
      message: 'A new e-mail address or password wants the current password.',
      path: ['current_password'],
    },
  )
  .openapi('AccountChange')

const change = createRoute({
  method: 'patch',
  path: '/auth/me',
  tags: ['account'],
  summary: 'Change your own account',
  description:
    'A new e-mail address holds once it was confirmed with the token that is mailed to it. A new password ends all other sessions. A new username without the current password counts as a guess of it, because it must not be the password.',
  security: memberOnly,
  request: { body: jsonBody(accountChange) },
  responses: {
    200: jsonAnswer('The account as it is now', accountSchema),
    ...problems({
      ...bodyProblems,
      ...ownProblems,
      ...proofProblems,
      409: '`username_taken`, `email_taken`',
    }),
  },
})

type Deps = ProofDeps & {
  accounts: Pick<AccountStore, 'find' | 'isEmailTaken'>
  ownAccounts: Pick<OwnAccountStore, 'change'>
  passwords: Pick<Passwords, 'hash'>
  commonPasswords: CommonPasswords
  quotas: Pick<Quotas, 'take'>
  mails: Mails
  now: () => number
}

type Change = z.output<typeof accountChange>

export function mountChangeOwn(app: App, deps: Deps): void {
  app.openapi(change, async (c) => {
    const account = await changeAccount(deps, requireMember(c), c.req.valid('json'), byOf(c))
    return c.json(accountView(account), 200)
  })
}

async function changeAccount(
  deps: Deps,
  { userId, sessionId }: SessionOwner,
  change: Change,
  by: By,
): Promise<Account> {
  const account = await readAccount(deps.accounts, userId)
  const prover = { userId, sessionId, ip: by.ip }
  const { username, password, user_email, current_password } = change
  const needsProof = (current_password ?? password ?? user_email) !== undefined
  const passwordSince = needsProof
    ? await provePassword(deps, prover, current_password ?? '')
    : null
  if (password === undefined) await refusePasswordAsName(deps, account, change, prover)
  const at = new Date(deps.now())
  const email = await prepareEmail(deps, account, user_email)
  const renamed = { ...account, username: username ?? account.username }
  const secret = await preparePassword(deps, renamed, change, by, at)
  const prepared = {
    username,
    passwordHash: secret?.passwordHash,
    newEmail: email?.newEmail,
    mails: [email, secret].flatMap((part) => part?.mail ?? []),
    at,
  }
  const owner = { userId, sessionId, passwordSince }
  const outcome = await deps.ownAccounts.change(owner, prepared, by)
  if (typeof outcome !== 'string') return outcome
  if (outcome === 'session_ended') throw endedSession()
  // Right when it was proven, but another one has been set since.
  if (outcome === 'password_changed') throw wrongPassword()
  throw taken(outcome)
}

async function prepareEmail(deps: Deps, account: Account, userEmail: string | undefined) {
  if (userEmail === undefined || userEmail === account.userEmail) return null
  const { accounts, mails, quotas } = deps
  // The proof has just checked the session: an ended one uses up no mails of the owner.
  await quotas.take('mailsOfAccount', String(account.userId))
  const isOwn = userEmail.toLowerCase() === account.userEmail.toLowerCase()
  if (!isOwn && (await accounts.isEmailTaken(userEmail))) throw taken('email_taken')
  // Only now: a request for the address of another account must not use up what that address may be sent.
  await quotas.take('newEmailMailsToAddress', userEmail)
  const owner = { userEmail, username: account.username }
  const { mail, tokenHash } = await mails.sealToken('email_change_confirm', owner)
  return { mail, newEmail: { userEmail, tokenHash } }
}

async function preparePassword(deps: Deps, account: Account, change: Change, by: By, at: Date) {
  const { password, user_email } = change
  if (password === undefined) return null
  const { username, userEmail } = account
  // The old address holds until the new one is confirmed.
  for (const address of [userEmail, user_email ?? userEmail]) {
    refuseGuessable(deps.commonPasswords, { password, username, userEmail: address })
  }
  const mail = await deps.mails.seal('password_changed', noticeTo(account, by, at))
  return { mail, passwordHash: await deps.passwords.hash(password) }
}
