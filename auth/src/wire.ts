import { createHmac } from 'node:crypto'
import type { Bus } from '@ego/kit/events/bus'
import { measureEvents } from '@ego/kit/events/event-metrics'
import { startConsumer } from '@ego/kit/events/inbox'
import { openBus } from '@ego/kit/events/open-bus'
import { startRelay } from '@ego/kit/events/relay'
import { assertionCallers } from '@ego/kit/http/identity/caller'
import { openWith, sealFor, sealingPublicKey } from '@ego/kit/http/identity/sealed'
import { ownedService, type Service } from '@ego/kit/http/service'
import { openKeyValue } from '@ego/kit/key-value/open-key-value'
import { checkPostgres, openDatabase } from '@ego/kit/postgres/open-database'
import type { Sql } from '@ego/kit/postgres/postgres'
import type { Log } from '@ego/kit/process/log'
import { createMetrics } from '@ego/kit/process/metrics'
import { postgresAccounts } from './account/store-postgres.ts'
import { authApp } from './app.ts'
import { postgresAuditLog } from './audit/store-postgres.ts'
import type { Config } from './config.ts'
import { postgresEmails } from './email/store-postgres.ts'
import { createGuessLimiter, guessLimitsOf } from './guessing/guess-limiter-key-value.ts'
import { createQuotas } from './guessing/quotas.ts'
import { zxcvbnPasswords } from './hashing/common-passwords-zxcvbn.ts'
import { argon2Passwords } from './hashing/passwords-argon2.ts'
import { type Keyring, openKeyring } from './key/keyring.ts'
import { retiredKeyMsKept } from './key/retirement.ts'
import { startRotation } from './key/rotation.ts'
import { postgresKeys } from './key/store-postgres.ts'
import { createMails } from './mail-token/mail.ts'
import { postgresOwnAccounts } from './own-account/store-postgres.ts'
import { pagesPath } from './pages/mail-links.ts'
import { onForgotten } from './password/on-forgotten-postgres.ts'
import { postgresPasswordStore } from './password/store-postgres.ts'
import type { OnEnded } from './revocation/end-sessions-postgres.ts'
import type { Revocations } from './revocation/revocations.ts'
import { postgresRevocations } from './revocation/revocations-postgres.ts'
import { createAccessTokens } from './session/access-token.ts'
import { createRefreshTokens } from './session/refresh-token.ts'
import { callersInSession } from './session/session-check.ts'
import { postgresSessions } from './session/store-postgres.ts'
import { createTokenIssuer } from './session/token-answer.ts'
import { ensureFirstAdmin } from './staff/first-admin.ts'
import { postgresUsers } from './staff/store-postgres.ts'
import { postgresSweep } from './sweep/store-postgres.ts'
import { startSweep, sweep } from './sweep/sweep.ts'
import { createAssertions } from './verify/assertion.ts'
import { createVerify } from './verify/verify.ts'

const hourMs = 3_600_000

/** Without a bus, the one of the configuration is opened. */
export type Given = { log: Log; bus?: Bus; now?: () => number }

export async function wireAuth(config: Config, given: Given): Promise<Service> {
  const { log, now = Date.now } = given
  await using building = new AsyncDisposableStack()
  const bus = given.bus ?? (await openBus({ config, log, resources: building }))
  const migrations = new URL('../migrations/', import.meta.url)
  const sql = building.use(await openDatabase({ service: 'auth', config, migrations }))
  const revocations = building.use(await postgresRevocations({ sql, log, now }))
  const signing = signingOf(config, sql, log)
  const keyring = building.use(await openKeyring(signing))
  const counters = { service: 'auth', config, log, resources: building }
  const { keyValue, checks } = await openKeyValue(counters)
  const own = ownSealing(config)
  const stores = storesOf(sql, revocations.note)
  const passwords = await argon2Passwords({
    memoryKib: config.ARGON2_MEMORY_KIB,
    passes: config.ARGON2_PASSES,
  })
  await ensureFirstAdmin(config, { accounts: stores.accounts, passwords })

  const mails = mailsOf(config)
  const metrics = createMetrics('auth')
  measureEvents(metrics, sql, 'auth')
  const app = authApp({
    log,
    metrics,
    checks: {
      required: { postgres: checkPostgres(sql) },
      optional: { events: bus.check, ...checks },
    },
    now,
    ...stores,
    ...tokensOf(config, { keyring, revocations, now }),
    passwords,
    commonPasswords: await zxcvbnPasswords(),
    guesses: createGuessLimiter({ keyValue, limits: guessLimitsOf(config), now }),
    quotas: createQuotas(keyValue, config),
    mails,
    seal: own.seal,
  })
  const on = [onForgotten({ open: own.open, mails, now })]
  building.use(await startConsumer({ sql, bus, log, consumer: 'auth', on }))
  return ownedService({ app, metrics }, building.move(), () => {
    const workers = new AsyncDisposableStack()
    workers.use(startRelay({ sql, bus, log }))
    workers.use(startRotation({ ...signing, everyMs: config.KEY_ROTATION_HOURS * hourMs }))
    const store = postgresSweep({ sql, retiredMsKept: retiredKeyMsKept })
    workers.use(startSweep({ sweep: (signal) => sweep({ store, signal }), log }))
    return workers
  })
}

function signingOf({ KEY_ENCRYPTION_KEY }: Config, sql: Sql, log: Log) {
  const keys = postgresKeys({ sql, log, retiredMsKept: retiredKeyMsKept })
  return { keys, encryptionKey: Buffer.from(KEY_ENCRYPTION_KEY, 'base64url'), log }
}

function storesOf(sql: Sql, onEnded: OnEnded) {
  return {
    accounts: postgresAccounts(sql),
    ownAccounts: postgresOwnAccounts(sql, onEnded),
    sessions: postgresSessions(sql, onEnded),
    emails: postgresEmails(sql),
    passwordStore: postgresPasswordStore(sql, onEnded),
    users: postgresUsers(sql, onEnded),
    auditLog: postgresAuditLog(sql),
  }
}

type TokenDeps = { keyring: Keyring; revocations: Revocations; now: () => number }

/** What signs and checks the tokens that callers send. */
function tokensOf(config: Config, { keyring, revocations, now }: TokenDeps) {
  const { ISSUER: issuer, AUDIENCE: audience, REFRESH_TOKEN_KEY } = config
  const accessTokens = createAccessTokens({ keyring, issuer, audience, now })
  const refreshTokens = createRefreshTokens(REFRESH_TOKEN_KEY)
  const assertions = createAssertions({ keyring, issuer, now })
  const callers = assertionCallers({ keys: keyring.find, issuer, now })
  return {
    keyring,
    refreshTokens,
    issueTokens: createTokenIssuer({ accessTokens, refreshTokens }),
    callers: callersInSession(callers, revocations),
    verify: createVerify({ accessTokens, assertions, revocations, now }),
  }
}

type MailConfig = Pick<Config, 'MAIL_PUBLIC_KEY' | 'LINK_BASE_URL' | 'ISSUER'>

export function mailsOf({ MAIL_PUBLIC_KEY, LINK_BASE_URL, ISSUER }: MailConfig) {
  const linkBase = LINK_BASE_URL ?? ISSUER.replace(/\/$/, '') + pagesPath
  return createMails({ seal: sealFor(MAIL_PUBLIC_KEY), linkBase: linkBase.replace(/\/$/, '') })
}

/** What auth seals for itself. The key is derived, so that there is no further key to configure. */
export function ownSealing({ KEY_ENCRYPTION_KEY }: Pick<Config, 'KEY_ENCRYPTION_KEY'>) {
  const privateKey = createHmac('sha256', KEY_ENCRYPTION_KEY).update('events').digest('base64url')
  return { seal: sealFor(sealingPublicKey(privateKey)), open: openWith(privateKey) }
}
