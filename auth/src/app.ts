import { createApp } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { type ApiDocument, mountDocs } from '@ego/kit/http/docs'
import { type Checks, mountHealth } from '@ego/kit/http/health'
import type { Callers } from '@ego/kit/http/identity/caller'
import { mountOpenApi } from '@ego/kit/http/openapi'
import type { Log } from '@ego/kit/process/log'
import type { Metrics } from '@ego/kit/process/metrics'
import type { AccountStore } from './account/store.ts'
import type { AuditLog } from './audit/audit.ts'
import { mountConfirmEmail } from './email/confirm.ts'
import { mountRequestVerification } from './email/request-verification.ts'
import type { EmailStore } from './email/store.ts'
import type { GuessLimiter } from './guessing/guess-limiter.ts'
import type { Quotas } from './guessing/quotas.ts'
import type { CommonPasswords } from './hashing/common-passwords.ts'
import type { Passwords } from './hashing/passwords.ts'
import { mountJwks } from './key/jwks.ts'
import type { Keyring } from './key/keyring.ts'
import type { Mails } from './mail-token/mail.ts'
import { mountChangeOwn } from './own-account/change.ts'
import { mountDeleteOwn } from './own-account/delete.ts'
import { mountReadOwn } from './own-account/read.ts'
import { mountRegister } from './own-account/register.ts'
import type { OwnAccountStore } from './own-account/store.ts'
import { mountMailLinks } from './pages/mail-links.ts'
import { mountForgotPassword } from './password/forgot.ts'
import { mountResetPassword } from './password/reset.ts'
import type { PasswordStore } from './password/store.ts'
import { mountEndSession } from './session/end.ts'
import { mountEndOtherSessions } from './session/end-others.ts'
import { mountListSessions } from './session/list.ts'
import { mountLogin } from './session/login.ts'
import { mountLogout } from './session/logout.ts'
import { mountRefresh } from './session/refresh.ts'
import type { RefreshTokens } from './session/refresh-token.ts'
import type { SessionStore } from './session/store.ts'
import type { IssueTokens } from './session/token-answer.ts'
import { mountChangeUser } from './staff/change-user.ts'
import { mountCreateUser } from './staff/create-user.ts'
import { mountDeleteUser } from './staff/delete-user.ts'
import { mountListAudit } from './staff/list-audit.ts'
import { mountListUsers } from './staff/list-users.ts'
import { mountLogOutUser } from './staff/log-out-user.ts'
import { mountReadUser } from './staff/read-user.ts'
import { mountResetUserPassword } from './staff/reset-password.ts'
import { mountStaffOnly } from './staff/staff-only.ts'
import type { UserStore } from './staff/store.ts'
import { answerKnown, mountVerify, type Verify } from './verify/verify.ts'

export type Deps = {
  log: Log
  metrics: Metrics
  callers: Callers
  checks: Checks
  now: () => number
  accounts: AccountStore
  ownAccounts: OwnAccountStore
  sessions: SessionStore
  emails: EmailStore
  passwordStore: PasswordStore
  users: UserStore
  auditLog: AuditLog
  passwords: Passwords
  commonPasswords: CommonPasswords
  guesses: GuessLimiter
  quotas: Quotas
  mails: Mails
  seal: (value: unknown) => Promise<string>
  keyring: Keyring
  refreshTokens: RefreshTokens
  issueTokens: IssueTokens
  verify: Verify
}

const description = 'Accounts, sessions and tokens: who a caller is.'
const self = { name: 'auth', url: '/auth/openapi.json' }
const platform: readonly ApiDocument[] = [
  self,
  { name: 'users', url: '/users/openapi.json' },
  { name: 'posts', url: '/posts/openapi.json' },
]

export function authApp(deps: Deps): App {
  const app = createApp({ ...deps, early: (early) => mountVerify(early, deps) })
  const { fetch } = app
  const find = answerKnown(deps)
  app.fetch = (request, ...rest) => find(request) ?? fetch(request, ...rest)
  mountRegister(app, deps)
  mountReadOwn(app, deps)
  mountChangeOwn(app, deps)
  mountDeleteOwn(app, deps)
  mountRequestVerification(app, deps)
  mountConfirmEmail(app, deps)
  mountForgotPassword(app, deps)
  mountResetPassword(app, deps)
  mountLogin(app, deps)
  mountRefresh(app, deps)
  mountLogout(app, deps)
  mountListSessions(app, deps)
  mountEndSession(app, deps)
  mountEndOtherSessions(app, deps)
  mountStaff(app, deps)
  mountJwks(app, deps)
  mountMailLinks(app)
  mountOpenApi(app, { path: self.url, title: 'Ego auth', description })
  mountDocs(app, '/auth/docs', [self])
  mountDocs(app, '/docs', platform)
  mountHealth(app, deps)
  return app
}

function mountStaff(app: App, deps: Deps): void {
  mountStaffOnly(app)
  mountListUsers(app, deps)
  mountCreateUser(app, deps)
  mountReadUser(app, deps)
  mountChangeUser(app, deps)
  mountDeleteUser(app, deps)
  mountResetUserPassword(app, deps)
  mountLogOutUser(app, deps)
  mountListAudit(app, deps)
}
