import { type App, createApp } from '@ego/kit/http/app'
import { type ApiDocument, mountDocs } from '@ego/kit/http/docs'
import { type Checks, mountHealth } from '@ego/kit/http/health'
import type { Callers } from '@ego/kit/http/identity/caller'
import { mountOpenApi } from '@ego/kit/http/openapi'
import type { Log } from '@ego/kit/process/log'
import type { Metrics } from '@ego/kit/process/metrics'
import { mountStaffOnly } from './account/staff-role.ts'
import { type EmailRoutes, mountEmail } from './email/confirm.ts'
import { mountKeys } from './key/jwks.ts'
import type { Keyring } from './key/keyring.ts'
import { mountOwnAccount, type OwnAccountRoutes } from './own-account/change.ts'
import { type AccountRoutes, mountAccount } from './own-account/register.ts'
import { mountPages } from './pages/mail-links.ts'
import { mountPassword, type PasswordRoutes } from './password/forgot.ts'
import { mountSignIn, type SignInRoutes } from './session/login.ts'
import { mountSession, type SessionRoutes } from './session/routes.ts'
import { mountUserChanges, type UserChangeRoutes } from './staff/change-user.ts'
import { type AuditRoutes, mountAudit } from './staff/list-audit.ts'
import { mountUsers, type UserRoutes } from './staff/list-users.ts'
import type { Verify } from './verify/use-cases.ts'
import { answerKnown, mountVerify } from './verify/verify.ts'

type Common = {
  log: Log
  metrics: Metrics
  callers: Callers
  checks: Checks
  keyring: Keyring
  verify: Verify
}

export type Deps = Common &
  AccountRoutes &
  OwnAccountRoutes &
  EmailRoutes &
  PasswordRoutes &
  SignInRoutes &
  SessionRoutes &
  UserRoutes &
  UserChangeRoutes &
  AuditRoutes

const description = 'Accounts, sessions and tokens: who somebody is.'
const self = { name: 'auth', url: '/auth/openapi.json' }
const platform: readonly ApiDocument[] = [
  self,
  { name: 'users', url: '/users/openapi.json' },
  { name: 'posts', url: '/posts/openapi.json' },
]

export function authApp(deps: Deps): App {
  const app = createApp({ ...deps, early: (early) => mountVerify(early, deps.verify) })
  const { fetch } = app
  const find = answerKnown(deps.verify)
  app.fetch = (request, ...rest) => find(request) ?? fetch(request, ...rest)
  mountStaffOnly(app)
  mountAccount(app, deps)
  mountOwnAccount(app, deps)
  mountEmail(app, deps)
  mountPassword(app, deps)
  mountSignIn(app, deps)
  mountSession(app, deps)
  mountUsers(app, deps)
  mountUserChanges(app, deps)
  mountAudit(app, deps)
  mountKeys(app, deps.keyring)
  mountPages(app)
  mountOpenApi(app, { path: self.url, title: 'Ego auth', description })
  mountDocs(app, '/auth/docs', [self])
  mountDocs(app, '/docs', platform)
  mountHealth(app, deps)
  return app
}
