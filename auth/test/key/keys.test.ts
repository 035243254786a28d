import { randomBytes } from 'node:crypto'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { createLog } from '@ego/kit/process/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { wireAuth } from '../../src/wire.ts'
import { startAuth, type TestAuth } from '../start-auth.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const wireAgain = (variables: Record<string, string> = {}) =>
  wireAuth(loadConfig({ ...auth.environment, ...variables }), {
    log: createLog('auth', 'silent'),
    bus: memoryBus(),
  })

test('the JWKS has the public half only, and may be cached', async () => {
  const response = await auth.request('/auth/.well-known/jwks.json')
  expect(response.headers.get('cache-control')).toContain('public')
  const key = {
    kty: 'OKP',
    crv: 'Ed25519',
    x: expect.any(String),
    kid: expect.any(String),
    alg: 'EdDSA',
    use: 'sig',
  }
  expect(await response.json()).toEqual({ keys: [key, key] })
})

test('another process on the same database signs with the same key', async () => {
  await using other = await wireAgain()
  const path = '/auth/.well-known/jwks.json'
  const [mine, theirs] = [await auth.request(path), await other.app.request(path)]
  expect(await mine.json()).toEqual(await theirs.json())
})

test('a wrong encryption key stops the start with a sentence', async () => {
  const wrong = { KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url') }
  await expect(wireAgain(wrong)).rejects.toThrow(/^KEY_ENCRYPTION_KEY is not the key/)
})

test('the private half lies encrypted in the database', async () => {
  const [row] = await auth.sql<[{ private_sealed: Buffer }]>`select private_sealed from signing_key`
  // The DER of every Ed25519 key starts with these bytes.
  expect(row.private_sealed.includes(Buffer.from('302e020100300506032b6570', 'hex'))).toBe(false)
})
