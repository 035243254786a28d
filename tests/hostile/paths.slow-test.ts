import { readTarget } from '@ego/gateway/http/path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findRoute, type RoutePath, rewritten, routePaths } from './gateway-routes.ts'
import { askRaw, inTurns } from './raw-answer.ts'
import { directSpellings, spellingsOf } from './spellings.ts'
import { type Member, startPlatform, type TestPlatform } from './start-platform.ts'
import type { Arrival } from './wire-platform.ts'

const verify = ['/auth/verify', '/auth/verify/optional', '/auth/verify/staff']
const internal = [...verify, '/livez', '/readyz', '/metrics']

let platform: TestPlatform
let bearer = ''

beforeAll(async () => {
  platform = await startPlatform()
  const { token }: Member = await platform.aMember('walker')
  bearer = `Authorization: Bearer ${token}`
})
afterAll(() => platform[Symbol.asyncDispose]())

let asked = 0

/** Requests every spelling, and resolves with the answers and with the requests that reached a service by a route. */
async function askAll(method: string, spellings: readonly string[], ...headers: string[]) {
  const from = platform.arrivals.length
  const answers = await inTurns(spellings, async (spelling) => {
    asked += 1
    const id = `X-Request-Id: spelling-${asked}`
    const lines = [`${method} ${spelling} HTTP/1.1`, 'Host: x', 'Connection: close', id, ...headers]
    return { spelling, ...(await askRaw(platform.url, ...lines)) }
  })
  // Requests by a route carry X-Real-IP, those of forward-auth do not.
  const arrivals = platform.arrivals.slice(from).filter(({ headers }) => 'x-real-ip' in headers)
  return { answers, arrivals, of: (path: string) => answers.filter((it) => isOf(path, it)) }
}

function isOf(path: string, { spelling }: { spelling: string }): boolean {
  return readTarget(spelling)?.path === path
}

/** A path as it is, decoded once like in the services, and as another gateway would read it. */
function readings(path: string): string[] {
  const second = readTarget(path)?.path ?? 'unreadable'
  return [path, second, new URL(`http://x${path}`).pathname, decodedOnce(path)]
}

function decodedOnce(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Requests whose path belongs to another route, or needs another protection, than the route that they came by. */
function disagreements(arrivals: readonly Arrival[]) {
  const routeOf = new Map(
    platform.lines.map(({ request_id, route }) => [request_id, String(route)]),
  )
  return arrivals.filter(({ path, method, headers }) => {
    const route = routeOf.get(headers['x-request-id'])
    if (route === 'not-found') return path !== '/not-found'
    const found = readings(path).map((reading) => findRoute(reading, method))
    if (!rewritten.has(route ?? '')) return found.some((it) => it?.id !== route)
    const { service } = routePaths.find(({ id }) => id === route) ?? {}
    return found.some((it) => it?.service !== service && it?.service !== 'optional')
  })
}

const withService = (service: string) => routePaths.filter((route) => route.service === service)
const named = (route: RoutePath): [string, RoutePath] => [`${route.method} ${route.path}`, route]

describe.each(internal)('%s', (path) => {
  test.each(['GET', 'POST'])('is not reached by any spelling with %s', async (method) => {
    const { answers, arrivals } = await askAll(method, spellingsOf(path), bearer)
    const reached = arrivals.map((arrival) => decodedOnce(arrival.path).toLowerCase())
    const isInternal = (arrived: string) => internal.some((name) => arrived.startsWith(name))
    expect(reached.filter(isInternal)).toEqual([])
    expect(answers.filter(({ headers }) => 'x-user-assertion' in headers)).toEqual([])
    expect(answers.filter(({ body }) => /process_cpu|"postgres"/.test(body))).toEqual([])
    expect(disagreements(arrivals)).toEqual([])
  })
})

test.each(withService('staff').map(named))(
  'no spelling of %s gives a member an answer for staff',
  async (_, { method, path }) => {
    const { arrivals, of } = await askAll(method, spellingsOf(path), bearer)
    expect(of(path).length).toBeGreaterThan(20)
    expect(of(path).filter(({ status }) => status !== 403)).toEqual([])
    const reached = arrivals.map((arrival) => decodedOnce(arrival.path).toLowerCase())
    expect(reached.filter((arrived) => arrived.startsWith('/auth/admin'))).toEqual([])
    expect(disagreements(arrivals)).toEqual([])
  },
)

test.each(withService('required').map(named))(
  'no spelling of %s gives an anonymous client an answer',
  async (_, { method, path }) => {
    const { arrivals, of } = await askAll(method, directSpellings(path))
    expect(of(path).length).toBeGreaterThan(15)
    expect(of(path).filter(({ status }) => status !== 401)).toEqual([])
    expect(disagreements(arrivals)).toEqual([])
  },
)

test('gateway and service agree on the route of every spelling of a public path', async () => {
  const open = [...withService('public'), ...withService('optional')]
  for (const { method, path } of open) {
    const { arrivals } = await askAll(method, directSpellings(path))
    expect(arrivals.length).toBeGreaterThan(15)
    expect(disagreements(arrivals)).toEqual([])
  }
})

test.each([
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Original-URI',
  'X-Forwarded-Uri',
  'X-Forwarded-Path',
  'X-Forwarded-Prefix',
  'X-HTTP-Method-Override',
  'X-Method-Override',
  'Forwarded',
])('%s does not lead to another route', async (name) => {
  for (const value of ['/auth/verify', '/auth/admin/users', '/users/me', 'DELETE']) {
    const { answers, arrivals } = await askAll('GET', ['/users/me', '/docs'], `${name}: ${value}`)
    expect(answers.map(({ status }) => status)).toEqual([401, 200])
    expect(arrivals.map(({ path, method }) => `${method} ${path}`)).toEqual(['GET /docs'])
  }
})
