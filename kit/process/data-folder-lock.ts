import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ownLikeFolder } from './data-folder-owner.ts'

export type Lock = { state: 'acquired'; release(): void } | { state: 'held'; pid: number | null }

const sqliteBusy = 5

export const lockName = 'lock'

/**
 * Node has no file locks, but its SQLite does: an open exclusive transaction on an empty database is one. The kernel
 * drops it with the process, so a kill -9 leaves nothing stale, no pid can be mistaken for another, and of two starts at
 * the same moment exactly one gets the lock.
 */
export function lockDataFolder(folder: string): Lock {
  const file = join(folder, lockName)
  // Never opened when it exists: closing it here would drop a lock that this process already holds.
  if (!existsSync(file)) createPrivate(file)
  const pidFile = join(folder, 'pid')
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // Nothing is ever written, so the lock needs no journal file beside it.
    database.exec('pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    database.close()
    if (isBusy(error)) return { state: 'held', pid: readPid(pidFile) }
    throw error
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
  ownLikeFolder(pidFile)
  return { state: 'acquired', release: () => database.close() }
}

function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
    ownLikeFolder(file)
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (!isThere) throw error
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy
}

/** Only for the message; the lock itself does not depend on the pid. */
function readPid(file: string): number | null {
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0
  return pid > 0 ? pid : null
}
