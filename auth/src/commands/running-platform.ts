import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secrets } from '@ego/kit/data-folder'
import { type Address, urlAt } from '@ego/kit/embedded-postgres/address'
import { isAlive } from '@ego/kit/embedded-postgres/process-list'
import { StartError } from '@ego/kit/start-error'
import type { Target } from './target.ts'

/** The database of the embedded platform that runs on this data folder; `null` when none does. */
export async function findRunningPlatform(folder: string): Promise<Target | null> {
  const address = findPostgres(join(folder, 'postgres/data/postmaster.pid'))
  if (!address) return null
  const { auth_app: password, KEY_ENCRYPTION_KEY: keyEncryptionKey } = await secrets(folder, [
    'auth_app',
    'KEY_ENCRYPTION_KEY',
  ])
  const databaseUrl = urlAt(address, 'auth', { user: 'auth_app', password })
  return { databaseUrl, keyEncryptionKey }
}

/** Postgres writes into its pid file where it listens; after a crash the file is left behind. */
function findPostgres(pidFile: string): Address | null {
  const text = readIfThere(pidFile)
  if (text === null) return null
  const [pid, , , port, socketFolder = '', , , state = ''] = text.split('\n')
  if (!isAlive(Number(pid)) || state.trim() !== 'ready') return null
  return { socketFolder: socketFolder || null, port: Number(port) }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    const text = `${file} cannot be read by this user: run this as the one who started the platform.`
    throw new StartError(text, { cause })
  }
}
