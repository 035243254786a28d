import {
  access,
  constants,
  type FileHandle,
  mkdir,
  open,
  rename,
  rmdir,
  stat,
} from 'node:fs/promises'
import { dirname } from 'node:path'
import { StartError } from './start-error.ts'

const renamesMax = 5

export async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, undefined, at + done)
    done += bytesWritten
  }
}

/** For the start of a service. Creates the folders one by one: Node's recursive mkdir can hang where none can be created. */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  try {
    await makeFolders(path, mode)
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const text = `The folder ${path} cannot be used (${codeOf(cause)}): name one that this user can write to.`
    throw new StartError(text, { cause })
  }
}

async function makeFolders(path: string, mode: number): Promise<void> {
  const known = await ifThere(stat(path))
  if (known?.isDirectory()) return
  if (dirname(path) !== path) await makeFolders(dirname(path), mode)
  try {
    await mkdir(path, { mode })
  } catch (error) {
    // Another process may have created it meanwhile.
    if (codeOf(error) !== 'EEXIST' || known) throw error
  }
}

/** Renames a synced file durably. A cleanup may remove the folder in between, so a missing folder is retried. */
export async function moveDurably(from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      const firstMade = await mkdir(dirname(to), { recursive: true })
      await rename(from, to)
      // A new folder is durable only once its parent is synced.
      return await syncFolders(dirname(to), dirname(firstMade ?? to))
    } catch (error) {
      const isWorthAnother = codeOf(error) === 'ENOENT' && tries < renamesMax
      if (!isWorthAnother || !(await ifThere(stat(from)))) throw error
    }
  }
}

async function syncFolders(from: string, top: string): Promise<void> {
  await syncFolder(from)
  if (from !== top) await syncFolders(dirname(from), top)
}

export async function syncFolder(path: string): Promise<void> {
  // Windows cannot sync a folder; its file system journals names itself.
  if (process.platform === 'win32') return
  await using folder = await open(path, 'r')
  await folder.sync()
}

/** Removes the folder and its parents below `top`, as long as they are empty. */
export async function removeEmptyFolders(from: string, top: string): Promise<void> {
  for (let folder = from; folder !== top; folder = dirname(folder)) {
    try {
      await rmdir(folder)
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EPERM'].includes(codeOf(error))) return
      throw error
    }
  }
}

/** Resolves with `null` when the file does not exist. */
export async function ifThere<Result>(result: Promise<Result>): Promise<Result | null> {
  try {
    return await result
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw error
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
