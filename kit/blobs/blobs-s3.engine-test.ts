import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { isUnavailable } from '../postgres/errors.ts'
import { blobsContract } from './blobs.contract.ts'
import { s3Blobs } from './blobs-s3.ts'

const pngType = { type: 'image/png' }
const options = readOptions()

blobsContract('s3Blobs', async () => {
  const blobs = await s3Blobs(options)
  return { blobs, [Symbol.asyncDispose]: () => blobs[Symbol.asyncDispose]() }
})

it.each([
  ['bucket', { bucket: 'ego-missing' }],
  ['secret', { secretAccessKey: 'wrong-wrong' }],
])('a wrong %s is an error, neither an absent object nor an outage', async (_, wrong) => {
  await using blobs = await s3Blobs({ ...options, ...wrong })
  const operations = [
    () => blobs.get('a'),
    () => blobs.list('a'),
    () => blobs.put('a', Buffer.of(1), pngType),
    () => blobs.delete('a'),
  ]
  for (const operation of operations) {
    const failure = await operation().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Error)
    expect(isUnavailable(failure)).toBe(false)
  }
})

it('a list beyond the page size of S3 continues on the next page', async () => {
  await using blobs = await s3Blobs(options)
  const root = randomUUID()
  const keys = Array.from({ length: 1_003 }, (_, n) => `${root}/${String(n).padStart(4, '0')}`)
  await inTurns(keys, (key) => blobs.put(key, Buffer.of(1), pngType))
  const first = await blobs.list(root, { limit: 5_000 })
  const second = await blobs.list(root, { limit: 5_000, after: first.next ?? '' })
  expect([...first.items, ...second.items].map(({ key }) => key)).toEqual(keys)
  expect(second.next).toBeNull()
  await inTurns(keys, (key) => blobs.delete(key))
})

it('a store that never answers is unavailable before the transaction timeout', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}).resume())
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  const endpoint = `http://127.0.0.1:${Object(silent.address()).port}`
  await using blobs = await s3Blobs({ ...options, endpoint })
  const startedAt = performance.now()
  const failure = await blobs.get('a').catch((error: unknown) => error)
  expect(isUnavailable(failure)).toBe(true)
  expect(performance.now() - startedAt).toBeLessThan(10_000)
  silent.close()
})

async function inTurns(keys: string[], work: (key: string) => Promise<unknown>): Promise<void> {
  const atOnce = 20
  for (let start = 0; start < keys.length; start += atOnce) {
    await Promise.all(keys.slice(start, start + atOnce).map(work))
  }
}

/** `http://key:secret@host:port/bucket`, with `?region=` unless it is us-east-1. */
function readOptions() {
  const given = process.env.EGO_TEST_S3
  if (!given) throw new Error('These tests need a server: run npm run test:engines.')
  const url = new URL(given)
  return {
    endpoint: url.origin,
    region: url.searchParams.get('region') ?? 'us-east-1',
    bucket: url.pathname.slice(1),
    accessKeyId: decodeURIComponent(url.username),
    secretAccessKey: decodeURIComponent(url.password),
    pathStyle: true,
  }
}
