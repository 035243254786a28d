import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, open, readdir, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import {
  ifThere,
  makeFolder,
  moveDurably,
  removeEmptyFolders,
  syncFolder,
  writeAll,
} from '../process/durable-file.ts'
import type { BlobBody, BlobHead, BlobPage, Blobs, StoredBlob } from './blobs.ts'
import { checkBlobKey, checkBlobType, listLimitDefault } from './blobs.ts'

/** A file starts with its type and etag, padded to this size, so that one rename publishes content and type together. */
const headBytes = 256
/** No key can contain these: a folder `a` and an object `a` never collide, and no object is in the drafts folder. */
const objectSuffix = '~'
const draftsName = '.tmp'
const draftAgeMaxMs = 3_600_000

/** Stores objects as files. Opening removes the drafts that a crashed process left behind. */
export async function fileBlobs(path: string): Promise<Blobs> {
  const root = resolve(path)
  const drafts = join(root, draftsName)
  await makeFolder(drafts)
  await sweepDrafts(drafts)

  const pathOf = (key: string) => {
    checkBlobKey(key)
    return join(root, key + objectSuffix)
  }

  return {
    async put(key, body, { type }) {
      const target = pathOf(key)
      checkBlobType(type)
      const draft = join(drafts, randomUUID())
      try {
        const head = await writeDraft(draft, body, type)
        await moveDurably(draft, target)
        return head
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    },

    async get(key) {
      const file = await ifThere(open(pathOf(key), 'r'))
      return file && readBlob(file)
    },

    async delete(key) {
      const target = pathOf(key)
      const found = await ifThere(unlink(target).then(() => true))
      if (!found) return
      await ifThere(syncFolder(dirname(target)))
      await removeEmptyFolders(dirname(target), root)
    },

    async list(prefix, { after = '', limit = listLimitDefault } = {}) {
      const items: BlobPage['items'] = []
      for await (const item of walk(root, '', { prefix, after })) {
        if (items.length === limit) return { items, next: items.at(-1)?.key ?? null }
        items.push(item)
      }
      return { items, next: null }
    },
  }
}

async function writeDraft(path: string, body: BlobBody, type: string): Promise<BlobHead> {
  const hash = createHash('sha256')
  let size = 0
  await using file = await open(path, 'wx', 0o600)
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    hash.update(chunk)
    await writeAll(file, chunk, headBytes + size)
    size += chunk.byteLength
  }
  const etag = `"${hash.digest('base64url')}"`
  await writeAll(file, Buffer.from(JSON.stringify({ type, etag }).padEnd(headBytes)), 0)
  await file.sync()
  return { type, size, etag }
}

async function readBlob(file: FileHandle): Promise<StoredBlob> {
  try {
    const { buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    const { type, etag }: { type: string; etag: string } = JSON.parse(buffer.toString())
    const size = (await file.stat()).size - headBytes
    // The open file keeps its content when it is replaced or deleted. The stream closes it at its end or on cancel.
    return { type, etag, size, body: bytesOf(file) }
  } catch (error) {
    await file.close()
    throw error
  }
}

const chunkBytes = 65_536

function bytesOf(file: FileHandle): ReadableStream<Uint8Array> {
  let position = headBytes
  return new ReadableStream({
    async pull(controller) {
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafeSlow(chunkBytes),
        0,
        chunkBytes,
        position,
      )
      position += bytesRead
      if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead))
      await file.close()
      controller.close()
    },
    cancel: () => file.close(),
  })
}

type Range = { prefix: string; after: string }

/** A folder sorts with its slash, like the keys below it, so that one walk yields all keys in order. */
async function* walk(
  folder: string,
  base: string,
  range: Range,
): AsyncGenerator<BlobPage['items'][number]> {
  for (const name of await sortedNames(folder)) {
    const key = base + name
    if (name.endsWith('/')) {
      if (mayHoldKeysOf(key, range)) yield* walk(join(folder, name), key, range)
    } else if (key.startsWith(range.prefix) && key > range.after) {
      const found = await ifThere(stat(join(folder, name + objectSuffix)))
      if (found) yield { key, size: found.size - headBytes, modifiedAt: found.mtime }
    }
  }
}

function mayHoldKeysOf(folderKey: string, { prefix, after }: Range): boolean {
  const fitsPrefix = folderKey.startsWith(prefix) || prefix.startsWith(folderKey)
  return fitsPrefix && (folderKey > after || after.startsWith(folderKey))
}

async function sortedNames(folder: string): Promise<string[]> {
  const entries = (await ifThere(readdir(folder, { withFileTypes: true }))) ?? []
  const names = entries.flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === draftsName ? [] : [`${entry.name}/`]
    return entry.name.endsWith(objectSuffix) ? [entry.name.slice(0, -1)] : []
  })
  return names.sort()
}

async function sweepDrafts(drafts: string): Promise<void> {
  const before = Date.now() - draftAgeMaxMs
  for (const name of await readdir(drafts)) {
    const path = join(drafts, name)
    const found = await ifThere(stat(path))
    // Another process may still be writing a recent one.
    if (found && found.mtimeMs < before) await rm(path, { force: true })
  }
}
