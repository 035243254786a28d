import { assertionCallers } from '@ego/kit/caller'
import { remoteKeys } from '@ego/kit/remote-keys'
import { testIssuer } from '@ego/kit/test-identity'
import { exportJWK, generateKeyPair, importPKCS8, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPrivateKey, type PublicJwk } from '../src/key/signing-key.ts'
import { aRegistration, startAuth, type TestAuth } from './start-auth.ts'

let auth: TestAuth
let accessToken = ''
let refreshToken = ''
let sign: (payload: Record<string, unknown>, header?: Record<string, unknown>) => Promise<string>

beforeAll(async () => {
  auth = await startAuth()
  const response = await auth.post('/auth/registration', aRegistration())
  const body = Object(await response.json())
  accessToken = body.access_token
  refreshToken = body.refresh_token
  sign = await ownSigner()
})
afterAll(() => auth[Symbol.asyncDispose]())

const verify = (authorization?: string, path = '/auth/verify') =>
  auth.request(path, authorization === undefined ? {} : { headers: { authorization } })

/** What a good access token holds; each test spoils one thing of it. */
const payload = () => {
  const iat = Math.floor(Date.now() / 1000)
  return {
    iss: testIssuer,
    aud: 'ego',
    sub: '1',
    sid: '01900000-0000-7000-8000-000000000000',
    roles: [] as string[],
    iat,
    exp: iat + 60,
    jti: 'a',
  }
}

describe('verify', () => {
  test('answers a good token with the identity and an assertion of it', async () => {
    const response = await verify(`Bearer ${accessToken}`)
    expect(response.status).toBe(204)
    const callers = assertionCallers({
      keys: remoteKeys('http://auth/auth/.well-known/jwks.json', async (url) =>
        auth.request(new URL(url).pathname),
      ),
      issuer: testIssuer,
    })
    const caller = await callers.find((name) => response.headers.get(name) ?? undefined)
    expect(caller).toEqual({
      userId: Number(response.headers.get('x-user-id')),
      sessionId: response.headers.get('x-session-id'),
      roles: [],
    })
  })

  test('reuses an assertion for half a minute, and makes a new one then', async () => {
    const assertion = async () =>
      (await verify(`Bearer ${accessToken}`)).headers.get('x-user-assertion')
    const first = await assertion()
    expect(await assertion()).toBe(first)
    auth.pass(31_000)
    expect(await assertion()).not.toBe(first)
  })

  test('without a token is 401 and names the scheme', async () => {
    const response = await verify()
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await response.json()).toMatchObject({ code: 'not_signed_in' })
  })

  test('is 403 for staff without the role', async () => {
    const response = await verify(`Bearer ${accessToken}`, '/auth/verify/staff')
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ code: 'staff_only' })
  })

  test('lets an anonymous caller through where that is allowed', async () => {
    const response = await verify(undefined, '/auth/verify/optional')
    expect(response.status).toBe(204)
    expect(response.headers.get('x-user-id')).toBeNull()
  })

  test('refuses a bad token also where none is needed', async () => {
    expect((await verify('Bearer nonsense', '/auth/verify/optional')).status).toBe(401)
  })

  test('believes a token that we signed', async () => {
    expect((await verify(`Bearer ${await sign(payload())}`)).status).toBe(204)
  })

  test('refuses a token once it has expired, also one that it believed before', async () => {
    const token = await sign(payload())
    expect((await verify(`Bearer ${token}`)).status).toBe(204)
    auth.pass(61_000)
    const response = await verify(`Bearer ${token}`)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'token_invalid' })
    auth.pass(-61_000)
  })
})

describe('verify refuses', () => {
  test.each(['Basic abc', 'Bearer', 'Bearer ', 'Bearer a b', 'Bearer ..', 'Bearer a.b.c', 'token'])(
    'the header %j',
    async (authorization) => {
      const response = await verify(authorization)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain('Bearer')
    },
  )

  test.each<[string, Record<string, unknown>]>([
    ['another issuer', { iss: 'http://elsewhere' }],
    ['another audience', { aud: 'other' }],
    ['no audience', { aud: undefined }],
    ['an array as audience', { aud: ['ego'] }],
    ['exp as a string', { exp: '99999999999' }],
    ['exp as a fraction', { exp: Date.now() / 1000 + 60.5 }],
    ['no exp', { exp: undefined }],
    ['no session', { sid: undefined }],
    ['a subject that is no id', { sub: 'admin' }],
    ['a subject with a sign', { sub: '-1' }],
    ['roles as a string', { roles: 'staff' }],
    ['a start in the future', { nbf: Math.floor(Date.now() / 1000) + 600 }],
  ])('a token of ours with %s', async (_, change) => {
    await expectRefused(await sign({ ...payload(), ...change }))
  })

  test.each<[string, Record<string, unknown>]>([
    ['the type of an assertion', { typ: 'identity+jwt' }],
    ['a plain type', { typ: 'JWT' }],
    ['no type', { typ: undefined }],
    ['another key id', { kid: 'other' }],
  ])('a token of ours with %s', async (_, header) => {
    await expectRefused(await sign(payload(), header))
  })

  test('a token that carries its own key', async () => {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
    const jwk = await exportJWK(publicKey)
    for (const header of [
      { jwk },
      { jku: 'http://127.0.0.1/jwks' },
      { x5u: 'http://127.0.0.1/' },
    ]) {
      const token = await new SignJWT(payload())
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...header })
        .sign(privateKey)
      await expectRefused(token)
    }
  })

  test('unsigned and symmetric tokens', async () => {
    const body = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
    await expectRefused(`${body({ alg: 'none', typ: 'at+jwt' })}.${body(payload())}.`)
    const [key] = Object(await (await auth.request('/auth/.well-known/jwks.json')).json()).keys
    const secret = Buffer.from(key.x, 'base64url')
    const token = await new SignJWT(payload())
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: key.kid })
      .sign(secret)
    await expectRefused(token)
  })

  test('a token of another algorithm with our key id', async () => {
    const [key] = Object(await (await auth.request('/auth/.well-known/jwks.json')).json()).keys
    for (const alg of ['RS256', 'ES256']) {
      const { privateKey } = await generateKeyPair(alg)
      const token = await new SignJWT(payload())
        .setProtectedHeader({ alg, typ: 'at+jwt', kid: key.kid })
        .sign(privateKey)
      await expectRefused(token)
    }
  })

  test('a token that was changed, cut short, or is far too long', async () => {
    const token = await sign(payload())
    await expectRefused(token.slice(0, -2))
    await expectRefused(token.slice(0, token.lastIndexOf('.') + 1))
    await expectRefused(`${token}${'A'.repeat(1_000_000)}`)
    const [header, , signature] = token.split('.')
    const other = Buffer.from(JSON.stringify({ ...payload(), sub: '2' })).toString('base64url')
    await expectRefused(`${header}.${other}.${signature}`)
  })

  test('every spelling of a token but its own', async () => {
    const token = await sign(payload())
    // Four bits of the last letter are spare: 16 letters stand for the same bytes.
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const spellings = Array.from(letters, (letter) => token.slice(0, -1) + letter)
    for (const other of [...spellings, `${token}=`, `${token}==`]) {
      if (other !== token) await expectRefused(other)
    }
    expect((await verify(`Bearer ${token}`)).status).toBe(204)
  })

  test('a refresh token', async () => {
    await expectRefused(refreshToken)
  })

  test('an assertion', async () => {
    const response = await verify(`Bearer ${accessToken}`)
    await expectRefused(response.headers.get('x-user-assertion') ?? '')
  })
})

async function expectRefused(token: string) {
  const response = await verify(`Bearer ${token}`)
  expect(response.status).toBe(401)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('x-user-id')).toBeNull()
  expect(await response.json()).toMatchObject({ code: 'token_invalid' })
}

type KeyRow = { key_id: string; public_jwk: PublicJwk; private_sealed: Buffer }

/** Signs with the key of the service, as only somebody could who has its database and its configuration. */
async function ownSigner() {
  const [row] = await auth.sql<[KeyRow]>`
    select key_id, public_jwk, private_sealed
    from signing_key`
  const stored = {
    keyId: row.key_id,
    publicJwk: row.public_jwk,
    privateSealed: row.private_sealed,
  }
  const key = Buffer.from(auth.environment.KEY_ENCRYPTION_KEY, 'base64url')
  const der = openPrivateKey(stored, key).toString('base64')
  const privateKey = await importPKCS8(
    `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----`,
    'EdDSA',
  )
  return (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: stored.keyId, ...header })
      .sign(privateKey)
}
