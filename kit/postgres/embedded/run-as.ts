import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ownLikeFolder } from '../../process/data-folder-owner.ts'
import { StartError } from '../../process/start-error.ts'
import { type Binaries, copyBinaries } from './binaries.ts'

/** How to start a program so that Postgres, which refuses root, accepts it. */
export type RunAs = {
  binaries: Binaries
  prefix: readonly string[]
  user: { uid: number; gid: number } | null
}

type User = { uid: number; gid: number }

// Not the caller's environment: PGPORT, LD_LIBRARY_PATH and the like would change what Postgres does.
export const bareEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  TZ: 'UTC',
}
const unprivilegedUser: User = { uid: 65534, gid: 65534 }
const unshareCommand = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--']

export async function chooseRunAs(folder: string, binaries: Binaries): Promise<RunAs> {
  const isNew = !existsSync(folder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (process.getuid?.() !== 0) return { binaries, prefix: [], user: null }
  if (isNew) ownLikeFolder(folder)
  const data = join(folder, 'data')
  // Data owned by root was created by an earlier start with unshare, and only unshare can read it.
  if (existsSync(data)) {
    const owner = ownerOf(data)
    const chosen = owner.uid === 0 ? asMapped(binaries) : await asUser(owner, folder, binaries)
    return chosen ?? refuse(folder)
  }
  const user = ownerOf(folder).uid === 0 ? unprivilegedUser : ownerOf(folder)
  if (canReach(user, binaries, folder)) return { binaries, prefix: [], user }
  return asMapped(binaries) ?? (await asUser(user, folder, binaries)) ?? refuse(folder)
}

/** Makes the user that runs Postgres the owner of a file that the launcher created. */
export function chownAs(path: string, { user }: RunAs): void {
  if (user) chownSync(path, user.uid, user.gid)
}

async function asUser(user: User, folder: string, binaries: Binaries): Promise<RunAs | null> {
  if (canReach(user, binaries, folder)) return { binaries, prefix: [], user }
  if (!canEnter(user, folder)) return null
  return { binaries: await copyBinaries(binaries, folder), prefix: [], user }
}

/** Uses a user namespace that maps root to an unprivileged user, for its files and for the process. */
function asMapped(binaries: Binaries): RunAs | null {
  const [command = '', ...options] = unshareCommand
  const probe = spawnSync(command, [...options, binaries.postgres, '--version'], {
    env: bareEnvironment,
  })
  return probe.status === 0 ? { binaries, prefix: unshareCommand, user: null } : null
}

function canReach(user: User, { postgres }: Binaries, folder: string): boolean {
  const probe = spawnSync(postgres, ['--version'], { ...user, cwd: '/', env: bareEnvironment })
  return probe.status === 0 && canEnter(user, folder)
}

function canEnter(user: User, folder: string): boolean {
  if (user.uid !== ownerOf(folder).uid) chmodSync(folder, 0o711)
  const probe = spawnSync('test', ['-x', folder], { ...user, cwd: '/', env: bareEnvironment })
  return probe.status === 0
}

function ownerOf(path: string): User {
  const { uid, gid } = statSync(path)
  return { uid, gid }
}

function refuse(folder: string): never {
  throw new StartError(
    `Postgres does not run as root, and no other user can reach ${folder}: start as an ordinary user, or choose a data folder outside private folders.`,
  )
}
