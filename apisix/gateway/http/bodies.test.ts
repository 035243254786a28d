import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { aGateway, aService, sendRaw, yamlFor, yamlWithPlugins } from '../testing/gateway.ts'

const close = 'Host: x\r\nConnection: close\r\n'
const chunked = `${close}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`
const counted = `${close}Content-Length: 5\r\n\r\nhello`

async function aTarget() {
  const { seen, service } = aService()
  const gateway = await aGateway({ yaml: yamlFor({ 'app:1': 1 }), inProcess: { 'app:1': service } })
  return { seen, gateway, send: (bytes: string) => sendRaw(gateway.url, bytes) }
}

test.each([
  ['GET', counted],
  ['GET', chunked],
  ['HEAD', counted],
  ['HEAD', chunked],
])('the body of a %s is dropped towards a service of this process', async (method, rest) => {
  const { seen, send } = await aTarget()
  expect(await send(`${method} / HTTP/1.1\r\n${rest}`)).toMatch(/^HTTP\/1\.1 200 /)
  expect(seen).toMatchObject([{ method, body: '' }])
  expect(seen[0]?.headers.map(([name]) => name)).not.toContain('content-length')
})

test('what follows a GET with a body is answered, too', async () => {
  const { send } = await aTarget()
  const first = `GET / HTTP/1.1\r\n${chunked.replace('Connection: close\r\n', '')}`
  const answer = await send(`${first}GET / HTTP/1.1\r\n${close}\r\n`)
  expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(2)
})

test('TRACE is 501 and reaches no service', async () => {
  const { seen, send } = await aTarget()
  const answer = await send(`TRACE / HTTP/1.1\r\n${close}\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 501 .*problem\+json/s)
  expect(seen).toEqual([])
})

test.each(['/docs/..%5cauth%5clogin', '/docs/..\\auth\\login'])(
  '%s is 400 and reaches no service',
  async (path) => {
    const { seen, send } = await aTarget()
    const answer = await send(`POST ${path} HTTP/1.1\r\n${chunked}`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*problem\+json/s)
    expect(seen).toEqual([])
  },
)

test('a rewrite that makes another path of what the client wrote is 400', async () => {
  const { seen, service } = aService()
  const gateway = await aGateway({
    yaml: yamlWithPlugins('proxy-rewrite: { regex_uri: ["^/x(.*)", "/docs/$1"] }'),
    inProcess: { 'app:1': service },
  })
  expect((await fetch(`${gateway.url}/x../auth`)).status).toBe(400)
  expect((await fetch(`${gateway.url}/xa`)).status).toBe(200)
  expect(seen.map(({ url }) => url)).toEqual(['http://app:1/docs/a'])
})

test('a service has its whole time after a slow upload', async () => {
  const { gateway } = await aTarget()
  expect(await upload(gateway.url, 6, 150)).toBe(200)
  expect(await upload(gateway.url, 2, 800)).toBe(200)
})

test('a service that reads no body and gives no answer is 504 while the upload waits', async () => {
  const gateway = await aGateway({
    yaml: yamlFor({ 'app:1': 1 }),
    inProcess: { 'app:1': () => new Promise<Response>(() => undefined) },
  })
  const response = await fetch(gateway.url, { method: 'POST', body: Buffer.alloc(1024 * 1024) })
  expect(response.status).toBe(504)
})

/** 20 KiB every so often; the service has 300 ms. */
function upload(url: string, chunks: number, pauseMs: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method: 'POST' }, (incoming) => {
      incoming.resume()
      resolve(incoming.statusCode)
    })
    outgoing.on('error', reject)
    Readable.from(slowly(chunks, pauseMs)).pipe(outgoing)
  })
}

async function* slowly(chunks: number, pauseMs: number) {
  for (let i = 0; i < chunks; i++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    yield Buffer.alloc(20 * 1024)
  }
}
