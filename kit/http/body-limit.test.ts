import { once } from 'node:events'
import { Agent, type IncomingMessage, request, type Server } from 'node:http'
import { serve } from '@hono/node-server'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMetrics } from '../process/metrics.ts'
import { createApp } from './app.ts'

// The HTTP server closes a connection when the body of an answered request is not read to its end within this time.
const cutMs = 500

let server: ReturnType<typeof serve>
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

beforeEach(async () => {
  const log = pino({ level: 'silent' })
  const app = createApp({
    log,
    metrics: createMetrics('test'),
    callers: { find: async () => null },
  })
  app.post('/here', (c) => c.text('ok'))
  server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  await once(server, 'listening')
})

afterEach(() => {
  agent.destroy()
  server.close()
})

test.each([
  ['too long by its length', 300, true, 413],
  ['too long in chunks', 1_000, false, 413],
  ['that no handler reads, with a length,', 200, true, 200],
  ['that no handler reads, in chunks,', 200, false, 200],
])('after a body %s the connection stays usable', async (_, kibibytes, hasLength, status) => {
  const body = Buffer.alloc(kibibytes * 1024, 'x')
  const refused = await send('POST', hasLength ? { 'content-length': body.length } : {}, body)
  expect(refused.status).toBe(status)
  const until = performance.now() + 2 * cutMs
  while (performance.now() < until) {
    expect(await send('POST', { 'content-length': 0 })).toEqual({ ...refused, status: 200 })
  }
})

test('a form whose boundary contains json is not JSON', async () => {
  const { port } = Object(server.address())
  const ask = (contentType: string) =>
    fetch(`http://127.0.0.1:${port}/here`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: Buffer.from([0xff]),
    })
  expect((await ask('multipart/form-data; boundary=json')).status).toBe(200)
  expect((await ask('application/json; charset=utf-8')).status).toBe(400)
})

/** Sends over the agent's only connection, which its local port identifies. */
async function send(method: string, headers: Record<string, number>, body?: Buffer) {
  const { port } = Object((server as Server).address())
  const sent = request({ agent, port, method, path: '/here', headers })
  const answered = once(sent, 'response')
  if (body) {
    for (let from = 0; from < body.length; from += 65_536) {
      sent.write(body.subarray(from, from + 65_536))
    }
  }
  sent.end()
  const [answer]: IncomingMessage[] = await answered
  if (!answer) throw new Error('There was no answer.')
  const localPort = answer.socket.localPort
  await answer.resume().toArray()
  return { status: answer.statusCode, localPort }
}
