import { type App, createApp } from '@ego/kit/http/app'
import { type ApiDocument, mountDocs } from '@ego/kit/http/docs'
import { type Checks, mountHealth } from '@ego/kit/http/health'
import type { Callers } from '@ego/kit/http/identity/caller'
import { mountOpenApi } from '@ego/kit/http/openapi'
import type { Log } from '@ego/kit/process/log'
import type { Metrics } from '@ego/kit/process/metrics'
import { mountOwnAccount, type OwnAccountRoutes } from './account/own-routes.ts'
import { type AccountRoutes, mountAccount } from './account/routes.ts'
import { mountUserChanges, type UserChangeRoutes } from './admin/change-routes.ts'
import { mountUsers, type UserRoutes } from './admin/routes.ts'
import { mountStaffOnly } from './admin/staff-only.ts'
import { type AuditRoutes, mountAudit } from './audit/routes.ts'
import { type EmailRoutes, mountEmail } from './email/routes.ts'
import type { Keyring } from './key/keyring.ts'
import { mountKeys } from './key/routes.ts'
import { mountPages } from './mailed/pages.ts'
import { mountPassword, type PasswordRoutes } from './password/routes.ts'
import { mountSession, type SessionRoutes } from './session/routes.ts'
import { mountSignIn, type SignInRoutes } from './session/sign-in-routes.ts'
import { answerKnown, mountVerify } from './verify/routes.ts'
import type { Verify } from './verify/use-cases.ts'

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
