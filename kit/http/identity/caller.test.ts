import { generateKeyPairSync } from 'node:crypto'
import {
  assertionAudience,
  assertionLifetimeSeconds,
  assertionType,
  identityHeaders,
} from '@ego/contracts/identity'
import { createLocalJWKSet, errors } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { type TestIdentity, testIdentity, testIssuer } from '../../testing/identity.ts'
import { type Forge, goodToken, withClaims } from '../../testing/tokens/forge.ts'
import { hostileTokens } from '../../testing/tokens/hostile-tokens.ts'
import { assertionCallers, type Callers } from './caller.ts'
import { remoteKeys } from './remote-keys.ts'

let identity: TestIdentity
let callers: Callers

beforeAll(async () => {
  identity = await testIdentity()
  callers = assertionCallers({
    keys: remoteKeys('http://auth/jwks', identity.fetch),
    issuer: testIssuer,
  })
})

const find = (headers: Record<string, string>) => callers.find((name) => headers[name])
const refused = { status: 401, code: 'identity_not_trusted' }

describe('the caller of a request', () => {
  test('is the user of the assertion', async () => {
    const headers = await identity.headers({ userId: 7, sessionId: 's', roles: ['staff'] })
    await expect(find(headers)).resolves.toEqual({ userId: 7, sessionId: 's', roles: ['staff'] })
  })

  test('is null without identity headers', async () => {
    await expect(find({})).resolves.toBeNull()
  })

  test.each(['x-user-id', 'x-user-roles', 'x-session-id'])(
    '%s without an assertion is refused',
    async (name) => {
      await expect(find({ [name]: '1' })).rejects.toMatchObject(refused)
    },
  )

  test.each([
    [identityHeaders.userId, '8'],
    [identityHeaders.userId, '7, 8'],
    [identityHeaders.roles, 'staff'],
    [identityHeaders.sessionId, 'other'],
  ])('%s that does not agree with the assertion is refused', async (name, value) => {
    const headers = await identity.headers({ userId: 7 })
    await expect(find({ ...headers, [name]: value })).rejects.toMatchObject(refused)
  })

  test.each(['=', '==', '\n'])(
    'an assertion in another spelling, with %j, is refused',
    async (end) => {
      const headers = await identity.headers()
      const assertion = `${headers[identityHeaders.assertion]}${end}`
      const spelled = { ...headers, [identityHeaders.assertion]: assertion }
      await expect(find(spelled)).rejects.toMatchObject(refused)
    },
  )

  test('an assertion of another key is refused', async () => {
    const other = await testIdentity()
    await expect(find(await other.headers())).rejects.toMatchObject(refused)
  })

  test('an assertion of another issuer is refused', async () => {
    const elsewhere = assertionCallers({
      keys: remoteKeys('http://auth/jwks', identity.fetch),
      issuer: 'http://elsewhere',
    })
    const headers = await identity.headers()
    await expect(elsewhere.find((name) => headers[name])).rejects.toMatchObject(refused)
  })

  test('an expired assertion is refused, also when it was accepted before', async () => {
    let now = Date.now()
    const aging = assertionCallers({
      keys: remoteKeys('http://auth/jwks', identity.fetch),
      issuer: testIssuer,
      now: () => now,
    })
    const headers = await identity.headers()
    const find = () => aging.find((name) => headers[name])
    await expect(find()).resolves.toMatchObject({ userId: 1 })
    now += 61_000
    await expect(find()).rejects.toMatchObject(refused)
  })

  test('is unknown, not refused, while the keys of auth cannot be read', async () => {
    const away = assertionCallers({
      keys: remoteKeys('http://auth/jwks', () => Promise.reject(new TypeError('fetch failed'))),
      issuer: testIssuer,
    })
    const headers = await identity.headers()
    await expect(away.find((name) => headers[name])).rejects.toMatchObject({ status: 503 })
  })

  test('is unknown, not refused, while auth does not return a key set', async () => {
    const broken = remoteKeys('http://auth/jwks', async () => new Response('', { status: 502 }))
    await expect(broken({ alg: 'EdDSA' }, { payload: '', signature: '' })).rejects.toBeInstanceOf(
      errors.JOSEError,
    )
    const headers = await identity.headers()
    const callers = assertionCallers({ keys: broken, issuer: testIssuer })
    await expect(callers.find((name) => headers[name])).rejects.toMatchObject({ status: 503 })
  })
})

describe('a token in place of the assertion', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const iat = Math.floor(Date.now() / 1000)
  const forge: Forge = {
    privateKey,
    header: { alg: 'EdDSA', kid: 'only', typ: assertionType },
    claims: {
      iss: testIssuer,
      aud: assertionAudience,
      sub: '1',
      sid: 'session',
      roles: [],
      iat,
      exp: iat + assertionLifetimeSeconds,
    },
    otherType: 'at+jwt',
  }
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'only', alg: 'EdDSA', use: 'sig' }
  // There is only one key: a token without a key id must not be matched with it.
  const keys = createLocalJWKSet({ keys: [{ ...jwk, kty: 'OKP' }] })
  const callers = assertionCallers({ keys, issuer: testIssuer, now: () => iat * 1000 })
  const find = (assertion: string) => {
    const plain = { [identityHeaders.userId]: '1', [identityHeaders.sessionId]: 'session' }
    const headers: Record<string, string> = { ...plain, [identityHeaders.assertion]: assertion }
    return callers.find((name) => headers[name])
  }

  test('is accepted when it is valid', async () => {
    await expect(find(goodToken(forge))).resolves.toMatchObject({ userId: 1 })
  })

  test('may contain an unknown claim', async () => {
    await expect(find(withClaims({ locale: 'en' })(forge))).resolves.toMatchObject({ userId: 1 })
  })

  test.each(hostileTokens)('is refused with %s', async (_, token) => {
    // Checks the message too, because a mismatch with the plain headers has the same code.
    await expect(find(token(forge))).rejects.toMatchObject({
      ...refused,
      message: 'The identity of this request is not signed by the auth service.',
    })
  })
})
