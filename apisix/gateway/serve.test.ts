import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Route, Table } from './routing/table.ts'
import { serve } from './serve.ts'
import { collectingLog, sendRaw, until } from './testing/gateway.ts'

const broken = () => {
  throw new Error('broken')
}

/** A route without an upstream: 404, once its steps and notes have run. */
const route: Route = { id: 'r', upstream: null, steps: [], headerFilters: [], logs: [] }

async function serving(match: Table['match']) {
  const { log, lines } = collectingLog()
  const table: Table = {
    match,
    unmatched: route,
    gauges: () => ({}),
    [Symbol.dispose]: () => undefined,
  }
  const outcomes: PromiseSettledResult<void>[] = []
  const server = createServer(async (incoming, outgoing) => {
    outcomes.push(...(await Promise.allSettled([serve(table, log, incoming, outgoing, false)])))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lines, outcomes }
}

test.each([
  ['no route can be found for a request', broken, 500],
  ['a plugin cannot note the outcome', () => ({ ...route, logs: [broken] }), 404],
])('when %s the client is answered and the log says why', async (_what, match, status) => {
  const { url, lines, outcomes } = await serving(match)
  // Two on one connection: the first may not take it away from the second.
  const one = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n'
  const answer = await sendRaw(url, `${one}${one.replace('Host', 'Connection: close\r\nHost')}`)
  expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`, `HTTP/1.1 ${status}`])
  await until(() => outcomes.length === 2)
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'fulfilled'])
  const line = { msg: 'request failed', err: { message: 'broken' } }
  expect(lines).toMatchObject([line, line])
})
