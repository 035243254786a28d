import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Blobs, StoredBlob } from './blobs.ts'

export type OpenBlobs = () => Promise<{ blobs: Blobs } & AsyncDisposable>

const pngType = { type: 'image/png' }
const traversals = ['', '/', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../../b', 'a/./b', '.tmp/a']
const strange = ['a\\b', 'a\0', 'a b', 'é', '%2e%2e/a', 'a~', `${'x'.repeat(201)}`, 'C:/a', 'a\n']
const long = Array.from({ length: 257 }, () => 'ab').join('/')

/** Keys start with a random segment, so the engine may hold other objects. */
export function blobsContract(name: string, open: OpenBlobs): void {
  describe(`${name} keeps the promises of blobs`, () => {
    let opened: Awaited<ReturnType<OpenBlobs>>
    let blobs: Blobs
    let root: string
    beforeEach(async () => {
      opened = await open()
      blobs = opened.blobs
      root = randomUUID()
    })
    afterEach(() => opened[Symbol.asyncDispose]())

    it('an absent object reads as null', async () => {
      expect(await blobs.get(`${root}/a`)).toBeNull()
    })

    it.each([0, 1, 255, 256, 257, 65_536, 3_000_001])(
      'an object of %i bytes is read as it was put, with its type, size and etag',
      async (size) => {
        const bytes = randomBytes(size)
        const head = await blobs.put(`${root}/a`, bytes, { type: 'image/svg+xml; charset=utf-8' })
        expect(head).toMatchObject({ type: 'image/svg+xml; charset=utf-8', size })
        expect(head.etag).toMatch(/^"[\x21\x23-\x7e]+"$/)
        const found = await read(blobs, `${root}/a`)
        expect(found).toMatchObject(head)
        expect(found.bytes.equals(bytes)).toBe(true)
      },
    )

    it('a body in chunks is stored as one object', async () => {
      const { size } = await blobs.put(`${root}/a`, pieces(['one ', '', 'two ', 'three']), pngType)
      expect(size).toBe(13)
      expect((await read(blobs, `${root}/a`)).bytes.toString()).toBe('one two three')
    })

    it('a put replaces content, type and etag', async () => {
      const first = await blobs.put(`${root}/a`, Buffer.from('a longer one'), pngType)
      const second = await blobs.put(`${root}/a`, Buffer.from('second'), { type: 'image/webp' })
      expect(second.etag).not.toBe(first.etag)
      const found = await read(blobs, `${root}/a`)
      expect(found).toMatchObject({ ...second, type: 'image/webp', size: 6 })
      expect(found.bytes.toString()).toBe('second')
    })

    it('a body that breaks off rejects and changes nothing', async () => {
      await blobs.put(`${root}/old`, Buffer.from('old'), pngType)
      for (const key of [`${root}/old`, `${root}/new`]) {
        await expect(blobs.put(key, brokenOff(), pngType)).rejects.toThrow('The client left.')
      }
      expect((await read(blobs, `${root}/old`)).bytes.toString()).toBe('old')
      expect(await blobs.get(`${root}/new`)).toBeNull()
      expect(await keysOf(blobs, root)).toEqual([`${root}/old`])
    })

    it('a read keeps its content when the object is replaced or deleted meanwhile', async () => {
      const bytes = randomBytes(2_000_000)
      await blobs.put(`${root}/a`, bytes, pngType)
      const found = await blobs.get(`${root}/a`)
      await blobs.put(`${root}/a`, Buffer.from('next'), pngType)
      await blobs.delete(`${root}/a`)
      expect(found && (await bytesOf(found)).equals(bytes)).toBe(true)
    })

    it('during concurrent puts and deletes a reader sees one whole put, or nothing', async () => {
      const contents = Array.from({ length: 8 }, (_, n) => Buffer.alloc(100_000 + n, `${n}`))
      const reads = await Promise.all(
        contents.map(async (content, n) => {
          await blobs.put(`${root}/deep/a`, content, { type: `image/x${n}` })
          if (n % 2) await blobs.delete(`${root}/deep/a`)
          const found = await blobs.get(`${root}/deep/a`)
          return found && { type: found.type, bytes: await bytesOf(found) }
        }),
      )
      for (const found of reads) {
        const whole = contents.find((_, n) => found?.type === `image/x${n}`)
        if (found) expect(whole?.equals(found.bytes)).toBe(true)
      }
    })

    it('a body may be cancelled, before and after its first bytes', async () => {
      await blobs.put(`${root}/a`, randomBytes(1_000_000), pngType)
      await (await blobs.get(`${root}/a`))?.body.cancel()
      const reader = (await blobs.get(`${root}/a`))?.body.getReader()
      await reader?.read()
      await reader?.cancel()
      expect((await read(blobs, `${root}/a`)).size).toBe(1_000_000)
    })

    it('a deleted object is gone, and deleting again is fine', async () => {
      await blobs.put(`${root}/a`, Buffer.from('a'), pngType)
      await blobs.delete(`${root}/a`)
      await blobs.delete(`${root}/a`)
      await blobs.delete(`${root}/never/there`)
      expect(await blobs.get(`${root}/a`)).toBeNull()
      expect(await keysOf(blobs, root)).toEqual([])
    })

    it('an object and another one below its name are independent', async () => {
      await blobs.put(`${root}/a`, Buffer.from('a'), pngType)
      await blobs.put(`${root}/a/b`, Buffer.from('b'), pngType)
      await blobs.delete(`${root}/a`)
      expect((await read(blobs, `${root}/a/b`)).bytes.toString()).toBe('b')
      expect(await blobs.get(`${root}/a`)).toBeNull()
    })

    it('a list has keys in order with sizes and times, by any prefix, in pages', async () => {
      const keys = ['a', 'a-b', 'a.b', 'a/b', 'a/b/c', 'a/c', 'a0', 'B', 'ab/x', '_'].map(
        (key) => `${root}/${key}`,
      )
      for (const key of keys) await blobs.put(key, Buffer.from(key), pngType)
      const sorted = keys.toSorted()
      expect(await keysOf(blobs, root)).toEqual(sorted)
      for (const limit of [1, 2, 3, 100]) {
        expect(await keysOf(blobs, `${root}/`, limit)).toEqual(sorted)
      }
      for (const prefix of [`${root}/a`, `${root}/a/`, `${root}/a/b`, `${root}/zz`]) {
        expect(await keysOf(blobs, prefix, 2)).toEqual(sorted.filter((k) => k.startsWith(prefix)))
      }
      const [item] = (await blobs.list(`${root}/a-`)).items
      expect(item?.size).toBe(root.length + 4)
      expect(Math.abs(Date.now() - Number(item?.modifiedAt))).toBeLessThan(60_000)
    })

    it('the last page has no next key', async () => {
      await blobs.put(`${root}/a`, Buffer.from('a'), pngType)
      expect((await blobs.list(root, { limit: 1 })).next).toBeNull()
      expect(await blobs.list(`${root}/none`)).toEqual({ items: [], next: null })
    })

    it.each([...traversals, ...strange, long])('the key %j is refused', async (key) => {
      await expect(blobs.put(key, Buffer.from('a'), pngType)).rejects.toThrow(TypeError)
      await expect(blobs.get(key)).rejects.toThrow(TypeError)
      await expect(blobs.delete(key)).rejects.toThrow(TypeError)
    })

    it.each(['', 'image', 'image/png\r\nX-A: b', `image/${'x'.repeat(100)}`])(
      'the type %j is refused',
      async (type) => {
        await expect(blobs.put(`${root}/a`, Buffer.from('a'), { type })).rejects.toThrow(TypeError)
      },
    )
  })
}

async function bytesOf(blob: StoredBlob): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(blob.body))
}

async function read(blobs: Blobs, key: string) {
  const found = await blobs.get(key)
  if (!found) throw new Error(`There is no ${key}.`)
  return { ...found, bytes: await bytesOf(found) }
}

async function keysOf(blobs: Blobs, prefix: string, limit?: number): Promise<string[]> {
  const keys: string[] = []
  let after: string | null = ''
  while (after !== null) {
    const page = await blobs.list(prefix, { after, ...(limit && { limit }) })
    keys.push(...page.items.map((item) => item.key))
    after = page.next
  }
  return keys
}

async function* pieces(texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield randomBytes(100_000)
  throw new Error('The client left.')
}
