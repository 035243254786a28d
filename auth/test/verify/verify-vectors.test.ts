import {
  type Forge,
  goodToken,
  spoiled,
  type Vector,
  withClaims,
} from '@ego/kit/testing/tokens/forge'
import { hostileTokens } from '@ego/kit/testing/tokens/hostile-tokens'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAuth, type TestAuth } from '../start-auth.ts'
import { ownForge } from './own-forge.ts'

let auth: TestAuth
let forge: Forge

beforeAll(async () => {
  auth = await startAuth()
  forge = await ownForge(auth)
})
afterAll(() => auth[Symbol.asyncDispose]())

const ofAccessTokens: Vector[] = [
  ...spoiled(withClaims, 'jti', [undefined, null, 1, true, {}, [], ['a']]),
  ...spoiled(withClaims, 'sid', [
    'a',
    '0',
    '*',
    "' or true --",
    '{01900000-0000-7000-8000-000000000000}',
  ]),
  [
    'sid in capitals',
    (forge) => withClaims({ sid: String(forge.claims.sid).toUpperCase() })(forge),
  ],
  ['more letters than a token has', withClaims({ a: 'a'.repeat(4_096) })],
  ['the audience of an assertion', withClaims({ aud: 'ego-services' })],
]

/** Over the wire every character of a header is a byte. */
const verify = (token: string, path = '/auth/verify') => {
  const authorization = `Bearer ${Buffer.from(token).toString('latin1')}`
  return auth.request(path, { headers: { authorization } })
}

describe('verify', () => {
  test('believes a token that nothing is wrong with', async () => {
    const response = await verify(goodToken(forge))
    expect(response.status).toBe(204)
    expect(response.headers.get('x-user-id')).toBe('7')
  })

  test('ignores an unknown claim', async () => {
    expect((await verify(withClaims({ locale: 'en' })(forge))).status).toBe(204)
  })

  test.each([...hostileTokens, ...ofAccessTokens])('refuses %s', async (_, token) => {
    for (const path of ['/auth/verify', '/auth/verify/optional']) {
      const response = await verify(token(forge), path)
      expect(response.status).toBe(401)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
      expect(response.headers.get('x-user-id')).toBeNull()
      expect(await response.json()).toMatchObject({ status: 401, code: 'token_invalid' })
    }
  })
})

test('nothing of all that is logged as a bug', () => {
  expect(auth.lines.filter((line) => Number(JSON.parse(line).level) >= 40)).toEqual([])
})
