import { resolve } from 'node:path'
import { StartError } from '@ego/kit/start-error'
import type { Config } from './config.ts'
import { findRunningPlatform } from './running-platform.ts'

/** The database that a command works on, and what opens the signing keys in it. */
export type Target = { databaseUrl: string; keyEncryptionKey: string | null }

/** `data` is what was given on the command line: it goes before the environment, because it was said last. */
export async function chooseTarget(config: Config, data: string | undefined): Promise<Target> {
  if (data === undefined && config.DATABASE_URL) {
    return {
      databaseUrl: config.DATABASE_URL,
      keyEncryptionKey: config.KEY_ENCRYPTION_KEY ?? null,
    }
  }
  const folder = data === undefined ? resolve(config.EGO_DATA) : resolve(config.INIT_CWD, data)
  const platform = await findRunningPlatform(folder)
  if (platform) return platform
  throw new StartError(
    `No platform is running on ${folder}: start it with npm start, name its folder with --data, or set DATABASE_URL.`,
  )
}
