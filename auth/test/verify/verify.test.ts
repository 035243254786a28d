import { assertionCallers } from '@ego/kit/http/identity/caller'
import { remoteKeys } from '@ego/kit/http/identity/remote-keys'
import { testIssuer } from '@ego/kit/testing/identity'
import { type Forge, goodToken } from '@ego/kit/testing/tokens/forge'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRegistration, startAuth, type TestAuth } from '../start-auth.ts'
import { ownForge } from './own-forge.ts'

let auth: TestAuth
let accessToken = ''
let refreshToken = ''
let forge: Forge

beforeAll(async () => {
  auth = await startAuth()
  const response = await auth.post('/auth/registration', aRegistration())
  const body = Object(await response.json())
  accessToken = body.access_token
  refreshToken = body.refresh_token
  forge = await ownForge(auth)
})
afterAll(() => auth[Symbol.asyncDispose]())

const verify = (authorization?: string, path = '/auth/verify') =>
  auth.request(path, authorization === undefined ? {} : { headers: { authorization } })

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

  test.each(['Bearer ', 'Bearer  ', 'bearer ', 'BEARER   '])(
    'knows the scheme as %j',
    async (scheme) => {
      for (const path of ['/auth/verify', '/auth/verify/optional']) {
        expect((await verify(`${scheme}${accessToken}`, path)).status).toBe(204)
      }
    },
  )

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

  test('answers a question for the head alone as the question itself', async () => {
    const heads = [undefined, `Bearer ${accessToken}`].map((authorization) =>
      auth.request('/auth/verify/optional', {
        method: 'HEAD',
        headers: authorization ? { authorization } : {},
      }),
    )
    expect((await Promise.all(heads)).map(({ status }) => status)).toEqual([204, 204])
  })

  test('refuses a bad token also where none is needed', async () => {
    expect((await verify('Bearer nonsense', '/auth/verify/optional')).status).toBe(401)
  })

  test('refuses a token once it has expired, also one that it believed before', async () => {
    const token = goodToken(forge)
    expect((await verify(`Bearer ${token}`)).status).toBe(204)
    auth.pass(601_000)
    const response = await verify(`Bearer ${token}`)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'token_invalid' })
    auth.pass(-601_000)
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

  test('every spelling of a token but its own', async () => {
    const token = goodToken(forge)
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
