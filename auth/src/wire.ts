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
import { StartError } from '@ego/kit/process/start-error'
import { postgresAccounts } from './account/store-postgres.ts'
import { ensureAdmin, readOwnAccount, registerAccount } from './account/use-cases.ts'
import { authApp } from './app.ts'
import { postgresAuditLog } from './audit/store-postgres.ts'
import { listAudit } from './audit/use-cases.ts'
import type { Config } from './config.ts'
import { postgresEmails } from './email/store-postgres.ts'
import { confirmEmail, requestVerification } from './email/use-cases.ts'
import { attempts, takeQuota, tryQuota } from './guessing/guess-limiter-key-value.ts'
import { missLimitsOf, quotasOf } from './guessing/quotas.ts'
import { zxcvbnPasswords } from './hashing/common-passwords-zxcvbn.ts'
import { argon2Passwords } from './hashing/passwords-argon2.ts'
import { openKeyring } from './key/keyring.ts'
import { retiredKeyMsKept } from './key/retirement.ts'
import { rotateKeys, startRotation } from './key/rotation.ts'
import { postgresKeys } from './key/store-postgres.ts'
import { letters } from './mail-token/mail.ts'
import { changeOwnAccount, deleteOwnAccount } from './own-account/own-use-cases.ts'
import { pagesPath } from './pages/mail-links.ts'
import { passwordEvents } from './password/consumer-postgres.ts'
import { forgetPassword, resetPassword } from './password/reset.ts'
import { postgresPasswordStore } from './password/store-postgres.ts'
import type { OnEnded } from './revocation/end-sessions-postgres.ts'
import { postgresRevocations } from './revocation/revocations-postgres.ts'
import { accessTokens } from './session/access-token.ts'
import { refreshTokens } from './session/refresh-token.ts'
import { livingCallers } from './session/session-check.ts'
import { postgresSessions } from './session/store-postgres.ts'
import { issueTokens } from './session/token-answer.ts'
import { endSession, refreshSession, signIn, signOut } from './session/use-cases.ts'
import { postgresUsers } from './staff/store-postgres.ts'
import {
  changeUser,
  createUser,
  deleteUser,
  endUserSessions,
  listUsers,
  readUser,
  requestUserReset,
} from './staff/use-cases.ts'
import { postgresSweep } from './sweep/store-postgres.ts'
import { startSweep, sweep } from './sweep/sweep.ts'
import { assertions } from './verify/assertion.ts'
import { verifyCaller } from './verify/use-cases.ts'

const hourMs = 3_600_000

/** Without a bus, the one of the configuration. */
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
  const issuer = config.ISSUER
  const tokens = accessTokens({ keyring, issuer, audience: config.AUDIENCE, now })
  const verify = verifyCaller({
    accessTokens: tokens,
    assertions: assertions({ keyring, issuer, now }),
    revocations,
    now,
  })

  const limits = await openLimits(config, { log, now, resources: building })
  const own = ownSealing(config)
  const deps = {
    now,
    ...storesOf(sql, revocations.note),
    passwords: await argon2Passwords({
      memoryKib: config.ARGON2_MEMORY_KIB,
      passes: config.ARGON2_PASSES,
    }),
    commonPasswords: await zxcvbnPasswords(),
    refreshTokens: refreshTokens(config.REFRESH_TOKEN_KEY),
    letters: lettersOf(config),
    seal: own.seal,
    ...limits.guards,
  }
  await makeAdmin(config, ensureAdmin(deps))

  const metrics = createMetrics('auth')
  measureEvents(metrics, sql, 'auth')
  const app = authApp({
    log,
    metrics,
    callers: livingCallers(assertionCallers({ keys: keyring.find, issuer, now }), revocations),
    checks: {
      required: { postgres: checkPostgres(sql) },
      optional: { events: bus.check, ...limits.checks },
    },
    keyring,
    verify,
    sessions: deps.sessions,
    issueTokens: issueTokens({ accessTokens: tokens, refreshTokens: deps.refreshTokens }),
    registerAccount: registerAccount(deps),
    readOwnAccount: readOwnAccount(deps),
    changeOwnAccount: changeOwnAccount(deps),
    deleteOwnAccount: deleteOwnAccount(deps),
    requestVerification: requestVerification(deps),
    confirmEmail: confirmEmail(deps),
    forgetPassword: forgetPassword(deps),
    resetPassword: resetPassword(deps),
    signIn: signIn(deps),
    refreshSession: refreshSession(deps),
    signOut: signOut(deps),
    endSession: endSession(deps),
    ...forStaff(deps),
  })
  const on = passwordEvents({ open: own.open, letters: deps.letters, now })
  building.use(await startConsumer({ sql, bus, log, consumer: 'auth', on }))
  const startWork = () => startWorkers(config, { sql, bus, log }, rotateKeys(signing))
  return ownedService({ app, metrics }, building.move(), startWork)
}

async function openLimits(
  config: Config,
  { now, ...given }: { log: Log; now: () => number; resources: AsyncDisposableStack },
) {
  const { keyValue, checks } = await openKeyValue({ service: 'auth', config, ...given })
  const guards = {
    attempts: attempts({ keyValue, limits: missLimitsOf(config), now }),
    takeQuota: takeQuota({ keyValue }),
    tryQuota: tryQuota({ keyValue }),
    quotas: quotasOf(config),
  }
  return { guards, checks }
}

function startWorkers(
  { KEY_ROTATION_HOURS }: Config,
  { sql, bus, log }: { sql: Sql; bus: Bus; log: Log },
  rotate: ReturnType<typeof rotateKeys>,
) {
  const workers = new AsyncDisposableStack()
  workers.use(startRelay({ sql, bus, log }))
  workers.use(startRotation({ rotate, everyMs: KEY_ROTATION_HOURS * hourMs, log }))
  const store = postgresSweep({ sql, retiredMsKept: retiredKeyMsKept })
  workers.use(startSweep({ sweep: sweep({ store }), log }))
  return workers
}

function signingOf({ KEY_ENCRYPTION_KEY }: Config, sql: Sql, log: Log) {
  const keys = postgresKeys({ sql, log, retiredMsKept: retiredKeyMsKept })
  return { keys, encryptionKey: Buffer.from(KEY_ENCRYPTION_KEY, 'base64url'), log }
}

function storesOf(sql: Sql, onEnded: OnEnded) {
  return {
    accounts: postgresAccounts(sql, onEnded),
    sessions: postgresSessions(sql, onEnded),
    emails: postgresEmails(sql),
    passwordStore: postgresPasswordStore(sql, onEnded),
    users: postgresUsers(sql, onEnded),
    auditLog: postgresAuditLog(sql),
  }
}

type StaffDeps = Parameters<typeof createUser>[0] &
  Parameters<typeof requestUserReset>[0] &
  Parameters<typeof listAudit>[0]

function forStaff(deps: StaffDeps) {
  return {
    listUsers: listUsers(deps),
    createUser: createUser(deps),
    readUser: readUser(deps),
    changeUser: changeUser(deps),
    deleteUser: deleteUser(deps),
    endUserSessions: endUserSessions(deps),
    requestUserReset: requestUserReset(deps),
    listAudit: listAudit(deps),
  }
}

type LetterConfig = Pick<Config, 'MAIL_PUBLIC_KEY' | 'LINK_BASE_URL' | 'ISSUER'>

export function lettersOf({ MAIL_PUBLIC_KEY, LINK_BASE_URL, ISSUER }: LetterConfig) {
  const linkBase = LINK_BASE_URL ?? ISSUER.replace(/\/$/, '') + pagesPath
  return letters({ seal: sealFor(MAIL_PUBLIC_KEY), linkBase: linkBase.replace(/\/$/, '') })
}

/** What auth seals for itself; its key is derived, so that there is none more to keep. */
export function ownSealing({ KEY_ENCRYPTION_KEY }: Pick<Config, 'KEY_ENCRYPTION_KEY'>) {
  const privateKey = createHmac('sha256', KEY_ENCRYPTION_KEY).update('events').digest('base64url')
  return { seal: sealFor(sealingPublicKey(privateKey)), open: openWith(privateKey) }
}

async function makeAdmin(config: Config, ensure: ReturnType<typeof ensureAdmin>): Promise<void> {
  const { ADMIN_USERNAME: username, ADMIN_EMAIL: userEmail, ADMIN_PASSWORD: password } = config
  if (username && userEmail && password) return ensure({ username, userEmail, password })
  if (username || userEmail || password) {
    throw new StartError(
      'ADMIN_USERNAME, ADMIN_EMAIL and ADMIN_PASSWORD go together: set all or none.',
    )
  }
}
