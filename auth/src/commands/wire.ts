import { randomBytes } from 'node:crypto'
import type { Surroundings } from '@ego/kit/command'
import { createLog } from '@ego/kit/log'
import { postgresAccounts } from '../account/store-postgres.ts'
import { postgresUsers } from '../admin/store-postgres.ts'
import { retiredKeyMsKept } from '../key/retirement.ts'
import { rotateKeys } from '../key/rotation.ts'
import { postgresKeys } from '../key/store-postgres.ts'
import { argon2Passwords } from '../password/passwords-argon2.ts'
import { type AdminCommands, adminCommands } from './admin-commands.ts'
import type { Config } from './config.ts'
import { type KeyCommands, keyCommands } from './key-commands.ts'

const passwordBytes = 18
// Nobody here remembers sessions: the running processes are told by the database.
const tellNobody = () => {}

export async function wireAdmin({ sql, config }: Surroundings<Config>): Promise<AdminCommands> {
  return adminCommands({
    users: postgresUsers(sql, tellNobody),
    accounts: postgresAccounts(sql, tellNobody),
    passwords: await argon2Passwords({
      memoryKib: config.ARGON2_MEMORY_KIB,
      passes: config.ARGON2_PASSES,
    }),
    newPassword: () => randomBytes(passwordBytes).toString('base64url'),
  })
}

export async function wireKeys({
  sql,
  config,
  platform,
}: Surroundings<Config>): Promise<KeyCommands> {
  const retiredMsKept = retiredKeyMsKept
  const keys = postgresKeys({ sql, log: createLog('auth', 'silent'), retiredMsKept })
  const key = platform ? await platform.secret('KEY_ENCRYPTION_KEY') : config.KEY_ENCRYPTION_KEY
  const encryptionKey = key ? Buffer.from(key, 'base64url') : null
  const rotate = encryptionKey ? rotateKeys({ keys, encryptionKey }) : null
  return keyCommands({ keys, rotate, retiredMsKept })
}
