import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { aGateway, sendRaw, until, yamlFor } from '../testing/gateway.ts'
import { attacks, behind } from '../testing/smuggling.ts'
import type { First } from '../testing/smuggling-message.ts'

/** A gateway, and what reached the end of the way that it passes requests on. */
type Place = { url: string; arrived: string[]; readBytes: () => string }

/** A node that is lenient on purpose: what it would misread must not reach it. */
async function behindASocket(): Promise<Place> {
  const arrived: string[] = []
  let bytes = ''
  const node = createServer({ insecureHTTPParser: true }, (incoming, outgoing) => {
    void text(incoming).then(
      (body) => {
        arrived.push(`${incoming.method} ${incoming.url} ${body}`)
        outgoing.end(`answer to ${incoming.url}`)
      },
      () => outgoing.destroy(),
    )
  })
  node.on('connection', (socket) => {
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1')
    })
  })
  node.listen(0, '127.0.0.1')
  onTestFinished(() => {
    node.close()
    node.closeAllConnections()
  })
  await new Promise((resolve) => node.once('listening', resolve))
  const { port } = node.address() as AddressInfo
  const gateway = await aGateway({ yaml: yamlFor({ [`127.0.0.1:${port}`]: 1 }, '', 5) })
  return { url: gateway.url, arrived, readBytes: () => bytes }
}

async function inProcess(): Promise<Place> {
  const arrived: string[] = []
  const service = async (request: Request) => {
    const { pathname } = new URL(request.url)
    arrived.push(`${request.method} ${pathname} ${await request.text()}`)
    return new Response(`answer to ${pathname}`)
  }
  const yaml = yamlFor({ 'app:1': 1 }, '', 5)
  const gateway = await aGateway({ yaml, inProcess: { 'app:1': service } })
  return { url: gateway.url, arrived, readBytes: () => '' }
}

/** In one test for all of them: what one leaves behind on a connection would be the next one's answer. */
test.each([
  ['a service of this process', inProcess, false],
  ['a node behind a socket', behindASocket, true],
])('towards %s every message is refused or ends where it says', async (_, open, hasBodies) => {
  const place = await open()
  for (const [what, bytes, verdict] of attacks) {
    place.arrived.length = 0
    const answer = await sendRaw(place.url, bytes + behind, 5_000)
    if (verdict === 'refused') expectRefusal(place, answer, what)
    else expectBoth(place, answer, what, hasBodies || verdict.method !== 'GET' ? verdict : bodyless)
    const own = await fetch(`${place.url}/innocent`)
    expect(await own.text(), what).toBe('answer to /innocent')
    expect(place.readBytes(), what).not.toContain('smuggled')
  }
})

const bodyless: First = { method: 'GET', body: '' }

function expectRefusal({ arrived }: Place, answer: string, what: string): void {
  expect.soft(answer, what).toMatch(/^HTTP\/1\.1 (400|417|431|501) .+problem\+json/s)
  expect.soft(answer.split('HTTP/1.1 '), what).toHaveLength(2)
  expect.soft(arrived, what).toEqual([])
}

function expectBoth({ arrived }: Place, answer: string, what: string, first: First): void {
  const { method, body, isLast = false } = first
  const next = isLast ? '' : '.+ 200 .+answer to /next'
  expect.soft(answer, what).toMatch(new RegExp(` 200 .+answer to /first${next}$`, 's'))
  expect
    .soft(arrived, what)
    .toEqual([`${method} /first ${body}`, ...(isLast ? [] : ['GET /next '])])
}

test('a second request that hides in a body reaches a node as that body', async () => {
  const place = await behindASocket()
  const hidden = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n'
  const head = 'POST /first HTTP/1.1\r\nHost: x\r\n'
  const counted = `${head}Content-Length: ${hidden.length}\r\n\r\n${hidden}`
  const size = hidden.length.toString(16)
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n${size}\r\n${hidden}\r\n0\r\n\r\n`
  await sendRaw(place.url, counted + chunked + behind, 5_000)
  const posted = `POST /first ${hidden}`
  expect(place.arrived).toEqual([posted, posted, 'GET /next '])
})

test('a request that breaks off half way leaves nothing for the next one on its connection', async () => {
  const place = await behindASocket()
  const half = 'POST /half HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'
  for (const end of ['', 'zz', '5\r\nhel', '0\r\n']) {
    await sendRaw(place.url, half + end, 100)
    expect(await (await fetch(`${place.url}/own`)).text()).toBe('answer to /own')
  }
  expect(place.arrived).toEqual(Array.from({ length: 4 }, () => 'GET /own '))
})

test.each(['Upgrade: h2c', 'Upgrade: websocket'])(
  'what comes in pieces behind %s is no request',
  async (upgrade) => {
    for (const open of [inProcess, behindASocket]) {
      const { url, arrived } = await open()
      const { hostname, port } = new URL(url)
      const socket = connect(Number(port), hostname)
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.on('error', () => undefined).resume()
      const first = `GET /first HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n${upgrade}\r\n\r\n`
      socket.write(`${first}POST /second HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n`)
      await until(() => arrived.length > 0 || socket.readableEnded)
      socket.write(behind)
      await closed
      expect(arrived).toEqual(upgrade.endsWith('h2c') ? ['GET /first '] : [])
    }
  },
)
