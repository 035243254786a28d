import { describe, expect, test } from 'vitest'
import { loadGatewayFile } from './file/load.ts'
import { aGateway, aService, realFile, type Seen, sendRaw, until } from './testing/gateway.ts'

const { routes } = await loadGatewayFile(realFile, {})
const paths = routes
  .flatMap(({ uri, uris = [], methods = ['GET'] }) =>
    [...uris, ...(uri === undefined ? [] : [uri])].map((path) => [methods[0] ?? 'GET', path]),
  )
  .map(([method = 'GET', path = '']) => [method, path.replaceAll(/:\w+/g, '7').replace('*', 'x')])

/** All but /healthz and /, which the gateway answers by itself. */
const reachable = paths.length - 2

const identity = /^x[-_](user[-_]id|user[-_]roles|session[-_]id|user[-_]assertion)$/i

/** Every way to say `X-User-ID: 666` that a proxy and a service could read differently. */
const forgeries = {
  'as it is': 'X-User-ID: 666',
  'in lower case': 'x-user-id: 666',
  'with underscores': 'X_User_ID: 666\r\nx_user_id: 666\r\nX-User_ID: 666\r\nX_User-ID: 666',
  twice: 'X-User-ID: 666\r\nX-User-ID: 666',
  'named in Connection': 'X-User-ID: 666\r\nConnection: X-User-ID',
  'with all of its kind':
    'X-User-ID: 666\r\nX-User-Roles: staff\r\nX-Session-ID: 666\r\nX-User-Assertion: 666',
  'with the identity of auth named in Connection':
    'X-User-ID: 666\r\nConnection: close, x-user-id, x-user-assertion, x-user-roles, x-session-id',
  'with a fold': 'X-Other: 1\r\n X-User-ID: 666',
  'with a space before the colon': 'X-User-ID : 666',
  'with a tab before the colon': 'X-User-ID\t: 666',
}

/** Answers verify like auth: user 7 for a token, no user without one. */
async function aPlatform() {
  const { seen, service } = aService()
  const auth = (request: Request) => {
    // Only what came through a route carries X-Real-IP; forward-auth asks without it.
    if (request.headers.get('x-real-ip') !== null) return service(request)
    if (request.headers.get('authorization') === null) return new Response(null, { status: 204 })
    const headers = { 'X-User-ID': '7', 'X-User-Assertion': 'signed' }
    return new Response(null, { status: 204, headers })
  }
  const gateway = await aGateway({
    environment: { EGO_RATE_PER_MINUTE: '100000', EGO_SIGN_IN_RATE_PER_MINUTE: '100000' },
    inProcess: { 'auth:3001': auth, 'users:3002': service, 'posts:3003': service },
  })
  return { seen, gateway }
}

function identityIn({ headers }: Seen): [string, string][] {
  return headers.filter(([name]) => identity.test(name))
}

/** Node refuses these before any route is looked for. */
const unreadable = /before the colon|fold/

describe.each(Object.entries(forgeries))('a forged identity %s', (how, forged) => {
  const reached = unreadable.test(how) ? 0 : reachable

  test('reaches no service on any route without a token', async () => {
    const { seen, gateway } = await aPlatform()
    for (const [method, path] of paths) {
      await sendRaw(
        gateway.url,
        `${method} ${path} HTTP/1.1\r\nHost: x\r\n${forged}\r\nConnection: close\r\n\r\n`,
      )
    }
    expect(seen).toHaveLength(reached)
    expect(seen.flatMap(identityIn)).toEqual([])
    expect(JSON.stringify(seen)).not.toContain('"666"')
  })

  test('cannot replace or remove what auth says on any route with a token', async () => {
    const { seen, gateway } = await aPlatform()
    for (const [method, path] of paths) {
      const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n`
      await sendRaw(gateway.url, `${head}${forged}\r\nConnection: close\r\n\r\n`)
    }
    const identities = seen.map(identityIn).filter((found) => found.length > 0)
    for (const found of identities) {
      expect(found).toEqual([
        ['x-user-assertion', 'signed'],
        ['x-user-id', '7'],
      ])
    }
    expect(seen).toHaveLength(reached)
    if (reached > 0) expect(identities.length).toBeGreaterThan(10)
  })
})

describe('the access log', () => {
  test.each([
    ['a preflight', 'OPTIONS /users/me HTTP/1.1\r\nHost: x\r\n', 200],
    [
      'a websocket upgrade',
      'GET /users/me HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
      501,
    ],
    ['a request without Host', 'GET /users/me HTTP/1.1\r\n', 400],
    [
      'a body that is too large',
      'POST /users HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n',
      413,
    ],
    ['a public route', 'GET /docs HTTP/1.1\r\nHost: x\r\n', 200],
    ['a route without a token', 'GET /users/7 HTTP/1.1\r\nHost: x\r\n', 200],
  ])('does not repeat the forged identity of %s', async (_what, head, status) => {
    const { gateway } = await aPlatform()
    await sendRaw(gateway.url, `${head}X-User-ID: 666\r\nConnection: close\r\n\r\n`)
    await until(() => gateway.lines.some(({ msg }) => msg === 'request'))
    expect(gateway.lines).toMatchObject([{ msg: 'request', status }])
    expect(JSON.stringify(gateway.lines)).not.toContain('"666"')
  })

  test('names whom auth named, whatever the client says', async () => {
    const { gateway } = await aPlatform()
    await fetch(`${gateway.url}/users/me`, {
      headers: { Authorization: 'Bearer t', 'X-User-ID': '666' },
    })
    await until(() => gateway.lines.some(({ msg }) => msg === 'request'))
    expect(gateway.lines).toMatchObject([{ msg: 'request', user_id: '7' }])
  })
})

describe('what only the gateway may ask', () => {
  const inside = ['/auth/verify', '/auth/verify/optional', '/auth/verify/staff']
  const health = ['/livez', '/readyz', '/metrics']
  const spellings = [...inside, ...health].flatMap((path) => [
    path,
    `/${path}`,
    `${path}/`,
    `${path}/.`,
    `/.${path}`,
    `/users/..${path}`,
    `/users/%2e%2e${path}`,
    `/users/me/../..${path}`,
    `/auth/docs/..%2f..${path}`,
    `/auth/docs/%2e%2e/%2e%2e${path}`,
    `/users/docs/..;/..${path}`,
    `/posts/docs/../../${path}`,
    `/docs/..${path}`,
    path.replaceAll('/', '%2f').replace('%2f', '/'),
    path.replaceAll('/', '//'),
    path.replace('e', '%65'),
    path.replace('e', '%2565'),
    path.toUpperCase(),
    `${path}?x=/users/me`,
    `${path}%3f`,
    `${path}%23`,
    `${path}#/users/me`,
    `${path};x`,
    `${path}%20`,
    `http://x${path}`,
    `http://x/users/..${path}`,
  ])

  test('is reached by no spelling of its path, with any method', async () => {
    const { seen, gateway } = await aPlatform()
    for (const method of ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'PURGE']) {
      for (const path of spellings) {
        const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n`
        await sendRaw(gateway.url, `${head}Connection: close\r\n\r\n`)
      }
    }
    const reached = seen.map(({ url }) => new URL(url).pathname)
    expect(seen.length).toBeGreaterThan(100)
    expect(reached.filter((path) => [...inside, ...health].includes(path))).toEqual([])
  }, 60_000)
})
