import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { lockDataFolder, lockName } from './data-folder-lock.ts'
import { ownLikeFolder } from './data-folder-owner.ts'
import { syncFolder } from './durable-file.ts'
import { StartError } from './start-error.ts'

/** This process holds the folder until it disposes it or ends, however it ends. */
export interface DataFolder extends AsyncDisposable {
  readonly path: string
}

/** The message is one sentence for the person who started the platform. */
export class DataFolderError extends StartError {
  override name = 'DataFolderError'
}

const secretBytes = 32
const secretsName = 'secrets.json'
/** Files that operating systems create by themselves. */
const neutralNames = new Set(['lost+found', '.DS_Store', 'desktop.ini'])
const advice = 'choose another with --data or EGO_DATA'

export async function openDataFolder(path: string): Promise<DataFolder> {
  const folder = resolve(path)
  const lock = asSentence(folder, () => {
    makeFolder(folder)
    return lockDataFolder(folder)
  })
  if (lock.state === 'held') {
    const holder = lock.pid ? ` (process ${lock.pid})` : ''
    throw new DataFolderError(
      `The data folder ${folder} is in use by another Ego${holder}: stop that one, or ${advice}.`,
    )
  }
  return {
    path: folder,
    async [Symbol.asyncDispose]() {
      lock.release()
    },
  }
}

/** Reads the named secrets and creates those that are missing; others in the file are kept. */
export async function secrets<Name extends string>(
  folder: string,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const file = join(folder, secretsName)
  const kept = existsSync(file) ? readSecrets(file) : {}
  const missing = names.filter((name) => !Object.hasOwn(kept, name))
  const made = missing.map((name) => [name, randomBytes(secretBytes).toString('base64url')])
  const all = { ...kept, ...Object.fromEntries(made) }
  if (missing.length > 0) await writeDurably(file, `${JSON.stringify(all, null, 2)}\n`)
  return all
}

function asSentence<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw cause instanceof DataFolderError ? cause : explain(folder, cause)
  }
}

/** Keeps a mistyped path from filling a home or a project folder with a database. */
function belongsToOthers(names: readonly string[]): boolean {
  const isOurs =
    names.includes(lockName) || (names.includes(secretsName) && names.includes('postgres'))
  return !isOurs && names.some((name) => !neutralNames.has(name))
}

function makeFolder(folder: string): void {
  if (!existsSync(folder)) createFolder(folder)
  if (!statSync(folder).isDirectory()) {
    throw new DataFolderError(`The data folder ${folder} is a file: ${advice}.`)
  }
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  if (belongsToOthers(readdirSync(folder))) {
    throw new DataFolderError(
      `The data folder ${folder} holds other files: empty it, or ${advice}.`,
    )
  }
}

function createFolder(folder: string): void {
  const parent = dirname(folder)
  if (!existsSync(parent)) createFolder(parent)
  // When root starts it, Postgres runs as another user, who must pass through; the content has modes of its own.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  mkdirSync(folder, { mode })
  chmodSync(folder, mode)
  ownLikeFolder(folder)
}

function explain(folder: string, cause: unknown): DataFolderError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  const reasons: Record<string, string> = {
    EACCES: 'cannot be written by this user',
    EPERM: 'cannot be written by this user',
    EROFS: 'is on a read-only file system',
    ENOTDIR: 'is inside a file',
    EEXIST: 'is behind a broken link',
    ENOSPC: 'is on a full disk',
    ERR_SQLITE_ERROR: 'cannot be locked',
  }
  const reason = reasons[code] ?? `cannot be used (${code})`
  return new DataFolderError(`The data folder ${folder} ${reason}: ${advice}.`, { cause })
}

function readSecrets(file: string): Record<string, string> {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new DataFolderError(
      `${file} cannot be read: restore it from a backup, because the data depends on it.`,
      { cause },
    )
  }
}

/** After a power cut either the old file or the whole new one is there, never a part. */
async function writeDurably(file: string, text: string): Promise<void> {
  const draft = `${file}.tmp`
  await writeFile(draft, text, { mode: 0o600, flush: true })
  ownLikeFolder(draft)
  await rename(draft, file)
  await syncFolder(dirname(file))
}
