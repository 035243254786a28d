import type { Bus } from '@ego/kit/bus'
import { assertionCallers } from '@ego/kit/caller'
import type { Log } from '@ego/kit/log'
import { createMetrics } from '@ego/kit/metrics'
import { checkPostgres, openDatabase } from '@ego/kit/open-database'
import { startRelay } from '@ego/kit/relay'
import { ownedService, type Service } from '@ego/kit/service'
import { postgresAccounts } from './account/store-postgres.ts'
import { ensureAdmin, registerAccount } from './account/use-cases.ts'
import { authApp } from './app.ts'
import type { Config } from './config.ts'
import { openKeyring } from './key/keyring.ts'
import { postgresKeys } from './key/store-postgres.ts'
import { argon2Passwords } from './password/passwords-argon2.ts'
import { postgresRevocations } from './revocation/revocations-postgres.ts'
import { refreshTokens } from './session/refresh-token.ts'
import { postgresSessions } from './session/store-postgres.ts'
import { issueTokens } from './session/tokens.ts'
import { endSession, refreshSession, signIn, signOut } from './session/use-cases.ts'
import { accessTokens } from './verify/access-token.ts'
import { assertions } from './verify/assertion.ts'
import { verifyCaller } from './verify/use-cases.ts'

export type Given = { log: Log; bus: Bus; now?: () => number }

export async function wireAuth(
  config: Config,
  { log, bus, now = Date.now }: Given,
): Promise<Service> {
  await using building = new AsyncDisposableStack()
  const migrations = new URL('../migrations/', import.meta.url)
  const sql = building.use(await openDatabase({ service: 'auth', config, migrations }))

  const issuer = config.ISSUER
  const keyring = await openKeyring({
    keys: postgresKeys(sql),
    encryptionKey: Buffer.from(config.KEY_ENCRYPTION_KEY, 'base64url'),
  })
  const passwords = await argon2Passwords({
    memoryKib: config.ARGON2_MEMORY_KIB,
    passes: config.ARGON2_PASSES,
  })
  const accounts = postgresAccounts(sql)
  const revocations = building.use(await postgresRevocations({ sql, log, now }))
  const sessions = postgresSessions(sql, revocations.note)
  const refresh = refreshTokens(config.REFRESH_TOKEN_KEY)
  const tokens = accessTokens({ keyring, issuer, audience: config.AUDIENCE, now })
  await makeAdmin(config, ensureAdmin({ accounts, passwords }))

  const app = authApp({
    log,
    metrics: createMetrics('auth'),
    callers: assertionCallers({ keys: keyring.find, issuer, now }),
    checks: { postgres: checkPostgres(sql) },
    keyring,
    verify: verifyCaller({
      accessTokens: tokens,
      assertions: assertions({ keyring, issuer, now }),
      revocations,
      now,
    }),
    registerAccount: registerAccount({ accounts, passwords, now }),
    sessions,
    refreshSession: refreshSession({ sessions, refreshTokens: refresh, now }),
    signOut: signOut({ sessions }),
    endSession: endSession({ sessions }),
    signIn: signIn({ accounts, sessions, passwords, now }),
    issueTokens: issueTokens({
      accessTokens: tokens,
      refreshTokens: refresh,
    }),
  })
  return ownedService(app, building.move(), () => startRelay({ sql, bus, log }))
}

async function makeAdmin(config: Config, ensure: ReturnType<typeof ensureAdmin>): Promise<void> {
  const { ADMIN_USERNAME: username, ADMIN_EMAIL: userEmail, ADMIN_PASSWORD: password } = config
  if (username && userEmail && password) await ensure({ username, userEmail, password })
}
