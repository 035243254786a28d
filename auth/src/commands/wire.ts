import type { Surroundings } from '@ego/kit/commands/command'
import type { Handler } from '@ego/kit/events/inbox'
import { sealingPublicKey } from '@ego/kit/http/identity/sealed'
import { createLog } from '@ego/kit/process/log'
import { StartError } from '@ego/kit/process/start-error'
import type { AccountStore } from '../account/store.ts'
import { postgresAccounts } from '../account/store-postgres.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { argon2Passwords } from '../hashing/passwords-argon2.ts'
import { retiredKeyMsKept } from '../key/retirement.ts'
import { postgresKeys } from '../key/store-postgres.ts'
import { onForgotten } from '../password/on-forgotten-postgres.ts'
import type { UserStore } from '../staff/store.ts'
import { postgresUsers } from '../staff/store-postgres.ts'
import type { Config, EventsConfig } from './config.ts'

// This process remembers no sessions; the database tells the running ones.
const onEnded = () => {}

export type Admin = {
  users: Pick<UserStore, 'create' | 'change'>
  accounts: Pick<AccountStore, 'findForLogin'>
  passwords: Pick<Passwords, 'hash'>
}

export async function wireAdmin({ sql, config }: Surroundings<Config>): Promise<Admin> {
  return {
    users: postgresUsers(sql, onEnded),
    accounts: postgresAccounts(sql),
    passwords: await argon2Passwords({
      memoryKib: config.ARGON2_MEMORY_KIB,
      passes: config.ARGON2_PASSES,
    }),
  }
}

/** `encryptionKey` is null where it is not configured: enough to list the keys. */
export async function wireKeys({ sql, config, platform }: Surroundings<Config>) {
  const key = platform ? await platform.secret('KEY_ENCRYPTION_KEY') : config.KEY_ENCRYPTION_KEY
  const log = createLog('auth', 'silent')
  return {
    keys: postgresKeys({ sql, log, retiredMsKept: retiredKeyMsKept }),
    encryptionKey: key ? Buffer.from(key, 'base64url') : null,
  }
}

export async function wireEvents(
  surroundings: Surroundings<EventsConfig>,
): Promise<readonly Handler[]> {
  const { LINK_BASE_URL } = surroundings.config
  const { KEY_ENCRYPTION_KEY, MAIL_PUBLIC_KEY, ISSUER } = await variablesOf(surroundings)
  if (!KEY_ENCRYPTION_KEY || !MAIL_PUBLIC_KEY || !ISSUER) {
    throw new StartError('Set KEY_ENCRYPTION_KEY, MAIL_PUBLIC_KEY and ISSUER, as for auth.')
  }
  // Imported here, because it loads the whole service, which the other commands do not need.
  const { mailsOf, ownSealing } = await import('../wire.ts')
  return [
    onForgotten({
      open: ownSealing({ KEY_ENCRYPTION_KEY }).open,
      mails: mailsOf({ MAIL_PUBLIC_KEY, LINK_BASE_URL, ISSUER }),
      now: Date.now,
    }),
  ]
}

/** The variables that auth was started with; the embedded platform keeps its keys in the data folder. */
async function variablesOf({ config, platform }: Surroundings<EventsConfig>) {
  if (!platform) return config
  return {
    KEY_ENCRYPTION_KEY: await platform.secret('KEY_ENCRYPTION_KEY'),
    MAIL_PUBLIC_KEY: sealingPublicKey(await platform.secret('MAIL_PRIVATE_KEY')),
    ISSUER: config.EGO_ISSUER ?? `http://localhost:${config.EGO_PORT}`,
  }
}
