import { type App, createApp } from '@ego/kit/app'
import type { Callers } from '@ego/kit/caller'
import { type ApiDocument, mountDocs } from '@ego/kit/docs'
import { type Check, mountHealth } from '@ego/kit/health'
import type { Log } from '@ego/kit/log'
import type { Metrics } from '@ego/kit/metrics'
import { mountOpenApi } from '@ego/kit/openapi'
import { mountAccount } from './account/routes.ts'
import type { registerAccount } from './account/use-cases.ts'
import type { Keyring } from './key/keyring.ts'
import { mountKeys } from './key/routes.ts'
import { mountSession } from './session/routes.ts'
import { mountSignIn } from './session/sign-in-routes.ts'
import type { SessionStore } from './session/store.ts'
import type { issueTokens } from './session/tokens.ts'
import type { endSession, refreshSession, signIn, signOut } from './session/use-cases.ts'
import { mountVerify } from './verify/routes.ts'
import type { Verify } from './verify/use-cases.ts'

export type Deps = {
  log: Log
  metrics: Metrics
  callers: Callers
  checks: Record<string, Check>
  keyring: Keyring
  verify: Verify
  registerAccount: ReturnType<typeof registerAccount>
  sessions: SessionStore
  signIn: ReturnType<typeof signIn>
  refreshSession: ReturnType<typeof refreshSession>
  signOut: ReturnType<typeof signOut>
  endSession: ReturnType<typeof endSession>
  issueTokens: ReturnType<typeof issueTokens>
}

const description = 'Accounts, sessions and tokens: who somebody is.'
const self = { name: 'auth', url: '/auth/openapi.json' }
const platform: readonly ApiDocument[] = [
  self,
  { name: 'users', url: '/users/openapi.json' },
  { name: 'posts', url: '/posts/openapi.json' },
]

export function authApp(deps: Deps): App {
  const app = createApp({ ...deps, early: (early) => mountVerify(early, deps.verify) })
  mountAccount(app, deps)
  mountSignIn(app, deps)
  mountSession(app, deps)
  mountKeys(app, deps.keyring)
  mountOpenApi(app, { path: self.url, title: 'Ego auth', description })
  mountDocs(app, '/auth/docs', [self])
  mountDocs(app, '/docs', platform)
  mountHealth(app, deps.checks, deps.metrics)
  return app
}
