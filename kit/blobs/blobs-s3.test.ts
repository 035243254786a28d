import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { expect, it } from 'vitest'
import { isUnavailable } from '../postgres/errors.ts'
import { s3Blobs } from './blobs-s3.ts'

const pngType = { type: 'image/png' }

it('a store that refuses connections is unavailable in every operation', async () => {
  await using blobs = await blobsAt('http://127.0.0.1:1')
  const failures = await Promise.all([
    failureOf(blobs.put('a', Buffer.from('a'), pngType)),
    failureOf(blobs.get('a')),
    failureOf(blobs.delete('a')),
    failureOf(blobs.list('')),
  ])
  for (const failure of failures) expect(isUnavailable(failure)).toBe(true)
})

it.each([500, 503, 429])('a store that answers %i is unavailable', async (status) => {
  await using server = await listening((_, response) => response.writeHead(status).end())
  await using blobs = await blobsAt(server.url)
  expect(isUnavailable(await failureOf(blobs.get('a')))).toBe(true)
})

it('a short failure of the store is retried', async () => {
  let answers = 0
  await using server = await listening((_, response) => {
    answers += 1
    response.writeHead(answers === 1 ? 503 : 200).end()
  })
  await using blobs = await blobsAt(server.url)
  expect((await blobs.put('a', Buffer.from('abc'), pngType)).size).toBe(3)
  expect(answers).toBe(2)
})

it('a download that breaks off is unavailable', async () => {
  await using server = await listening((_, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy())
  })
  await using blobs = await blobsAt(server.url)
  expect(isUnavailable(await failureOf(blobs.get('a')))).toBe(true)
})

it('a refusal by the store is not an outage', async () => {
  await using server = await listening((_, response) => response.writeHead(403).end())
  await using blobs = await blobsAt(server.url)
  const failure = await failureOf(blobs.get('a'))
  expect(failure).toBeInstanceOf(Error)
  expect(isUnavailable(failure)).toBe(false)
})

it('a body that is too large is not sent, and its source is closed', async () => {
  let requests = 0
  await using server = await listening((_, response) => {
    requests += 1
    response.end()
  })
  await using blobs = await blobsAt(server.url)
  let isClosed = false
  const large = (async function* () {
    try {
      for (let n = 0; n < 20; n += 1) yield Buffer.alloc(1_000_000)
    } finally {
      isClosed = true
    }
  })()
  await expect(blobs.put('a', large, pngType)).rejects.toThrow('at most 16777216 bytes')
  expect({ requests, isClosed }).toEqual({ requests: 0, isClosed: true })
})

it('the SDK reads no settings from the environment or the home folder', async () => {
  const asked = new Set<string>()
  await using server = await listening((_, response) => response.end())
  const environment = process.env
  using cleaning = new DisposableStack()
  cleaning.defer(() => {
    process.env = environment
  })
  process.env = new Proxy(environment, {
    get(target, name) {
      asked.add(String(name))
      return Reflect.get(target, name)
    },
  })
  await using blobs = await blobsAt(server.url)
  await blobs.put('a', Buffer.from('a'), pngType)
  await blobs.get('a')
  const names = [...asked].filter((name) => /^(AWS|HOME|USERPROFILE)/.test(name))
  // These only detect where the code runs.
  expect(names.filter((name) => !/^AWS_(LAMBDA|SDK_JS_NODE_VERSION)_/.test(name))).toEqual([])
})

function blobsAt(endpoint: string) {
  const secrets = { accessKeyId: 'a', secretAccessKey: 'a' }
  return s3Blobs({ endpoint, region: 'us-east-1', bucket: 'b', pathStyle: true, ...secrets })
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  )
}

async function listening(listener: RequestListener) {
  const server = createServer((request, response) => {
    request.resume().once('end', () => listener(request, response))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${Object(server.address()).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
