import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Address, urlAt } from '../postgres/embedded/address.ts'
import { isAlive } from '../postgres/embedded/process-list.ts'
import { secrets } from '../process/data-folder.ts'
import { StartError } from '../process/start-error.ts'

export type RunningPlatform = {
  databaseUrl: string
  /** Reads a secret of the data folder. */
  secret(name: string): Promise<string>
}

/** Finds the embedded platform that runs on this data folder, with the access of one service. Resolves with `null` when none is running. */
export async function findRunningPlatform(
  folder: string,
  service: string,
): Promise<RunningPlatform | null> {
  const address = findPostgres(join(folder, 'postgres/data/postmaster.pid'))
  if (!address) return null
  const secret = async (name: string) => (await secrets(folder, [name]))[name] ?? ''
  const user = `${service}_app`
  const databaseUrl = urlAt(address, service, { user, password: await secret(user) })
  return { databaseUrl, secret }
}

/** Reads the address from the pid file of Postgres, which a crash leaves behind. */
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
    const text = `This user cannot read ${file}: run this as the user who started the platform.`
    throw new StartError(text, { cause })
  }
}
