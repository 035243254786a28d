import { createLog } from '@ego/kit/process/log'
import { decodeProtectedHeader, errors } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openKeyring } from '../../src/key/keyring.ts'
import { rotateKeys, startRotation } from '../../src/key/rotation.ts'
import { createSigningKey } from '../../src/key/signing-key.ts'
import { postgresKeys } from '../../src/key/store-postgres.ts'
import { aRegistration, startAuth, type TestAuth } from '../start-auth.ts'

const jwksPath = '/auth/.well-known/jwks.json'
const log = createLog('auth', 'silent')

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const encryptionKey = () => Buffer.from(String(auth.environment.KEY_ENCRYPTION_KEY), 'base64url')

function aKeyStore(retiredMsKept = 60_000) {
  return postgresKeys({ sql: auth.sql, log, retiredMsKept })
}

const rotate = (currentForMsMin = 0) =>
  rotateKeys({ keys: aKeyStore(), encryptionKey: encryptionKey() }, currentForMsMin)

async function rotated() {
  const rotation = await rotate()
  if (!rotation) throw new Error('The keys were not rotated.')
  return rotation
}

async function keyIds(): Promise<string[]> {
  const { keys } = Object(await (await auth.request(jwksPath)).json())
  return keys.map((key: { kid: string }) => key.kid)
}

const keyIdOf = (token: string) => decodeProtectedHeader(token).kid

describe('a rotation', () => {
  test('moves every key on by one, and the next one is published before it signs', async () => {
    const [next, current] = await keyIds()
    const rotation = await rotated()
    expect(rotation).toMatchObject({ current: next, retired: current })
    await expect.poll(keyIds).toEqual([rotation.next, rotation.current, rotation.retired])
    const body = await (await auth.post('/auth/registration', aRegistration())).json()
    expect(keyIdOf(Object(body).access_token)).toBe(rotation.current)
  })

  test('leaves a token of the key before it good', async () => {
    const { access_token } = Object(
      await (await auth.post('/auth/registration', aRegistration())).json(),
    )
    const { current } = await rotated()
    await expect.poll(async () => (await keyIds())[1]).toBe(current)
    const headers = { authorization: `Bearer ${access_token}` }
    expect((await auth.request('/auth/verify', { headers })).status).toBe(204)
  })

  test('asked for ten times at once is ten rotations, one after the other', async () => {
    const rotations = await Promise.all(Array.from({ length: 10 }, () => rotated()))
    expect(new Set(rotations.map((rotation) => rotation.current)).size).toBe(10)
    const rows = await auth.sql`
      select status
      from signing_key
      where status <> 'retired'
      order by status`
    expect(rows).toEqual([{ status: 'current' }, { status: 'next' }])
  })

  test('by schedule in several processes at once happens once', async () => {
    await rotated()
    expect(await Promise.all([1, 2, 3, 4].map(() => rotate(60_000)))).toEqual([
      null,
      null,
      null,
      null,
    ])
    await auth.sql`
      update signing_key
      set created_at = created_at - interval '2 minutes'
      where status = 'next'`
    const due = await Promise.all([1, 2, 3, 4].map(() => rotate(60_000)))
    expect(due.filter((rotation) => rotation !== null)).toHaveLength(1)
  })

  test('is made by the schedule when it is time, again and again', async () => {
    const given = { keys: aKeyStore(), encryptionKey: encryptionKey() }
    const before = await keyIds()
    await using _ = startRotation({ ...given, everyMs: 100, log })
    await expect.poll(async () => (await keyIds()).length).toBeGreaterThan(before.length + 2)
  })

  test('with a wrong encryption key changes nothing', async () => {
    const before = await auth.sql`select key_id, status from signing_key order by key_id`
    const wrong = rotateKeys({ keys: aKeyStore(), encryptionKey: Buffer.alloc(32) })
    await expect(wrong).rejects.toThrow(/^KEY_ENCRYPTION_KEY is not the key/)
    expect(await auth.sql`select key_id, status from signing_key order by key_id`).toEqual(before)
  })
})

describe('a retired key', () => {
  test('leaves the JWKS once its last token has expired', async () => {
    await using keyring = await openKeyring({
      keys: aKeyStore(1_500),
      encryptionKey: encryptionKey(),
      log,
    })
    const { retired } = await rotated()
    const isPublished = () => keyring.jwks.keys.some((key) => key.kid === retired)
    await expect.poll(isPublished).toBe(true)
    await expect.poll(isPublished, { timeout: 5_000 }).toBe(false)
  })
})

describe('a process that does not hear of rotations', () => {
  const deaf = () => ({ ...aKeyStore(), watch: async () => new AsyncDisposableStack() })
  const open = () => openKeyring({ keys: deaf(), encryptionKey: encryptionKey(), log })

  beforeEach(async () => {
    await rotated()
  })

  test('knows a new key at the first token of it', async () => {
    await using keyring = await open()
    await using other = await open()
    await rotated()
    await rotated()
    await using fresh = await openKeyring({
      keys: aKeyStore(),
      encryptionKey: encryptionKey(),
      log,
    })
    const token = await fresh.sign('test', {})
    const header = { alg: 'EdDSA', kid: String(keyIdOf(token)) }
    for (const ring of [keyring, other]) {
      await expect(ring.find(header, { payload: '', signature: '' })).resolves.toBeDefined()
    }
  })

  test('signs with the new key a moment later', async () => {
    await using keyring = await open()
    const { current } = await rotated()
    const signedBy = async () => keyIdOf(await keyring.sign('test', {}))
    await expect.poll(signedBy, { timeout: 5_000 }).toBe(current)
  })

  test('refuses an unknown key id, and reads no more often for a thousand of them', async () => {
    let reads = 0
    const keys = deaf()
    const list = () => {
      reads += 1
      return keys.list()
    }
    await using keyring = await openKeyring({
      keys: { ...keys, list },
      encryptionKey: encryptionKey(),
      log,
    })
    const started = performance.now()
    const ask = async (kid: string) =>
      expect(keyring.find({ alg: 'EdDSA', kid }, { payload: '', signature: '' })).rejects.toThrow(
        errors.JWKSNoMatchingKey,
      )
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => ask(`k${index}`)))
    expect(reads).toBeLessThan(4 + (performance.now() - started) / 100)
  })
})

test('a listener that was cut off listens again', async () => {
  const listeners = () => auth.sql<{ pid: number }[]>`
    select pid
    from pg_stat_activity
    where datname = current_database() and application_name = 'auth-signing-keys'`
  const [before] = await listeners()
  await auth.sql`select pg_terminate_backend(${before?.pid ?? 0})`
  const isAnother = async () => (await listeners()).some(({ pid }) => pid !== before?.pid)
  await expect.poll(isAnother).toBe(true)
  const { next } = await rotated()
  await expect.poll(async () => (await keyIds())[0]).toBe(next)
})

test('two processes that start on an empty database agree on both keys', async () => {
  await auth.sql`delete from signing_key`
  const offer = () => createSigningKey(encryptionKey())
  await Promise.all([1, 2, 3, 4].map(() => aKeyStore().fill(offer)))
  expect(await aKeyStore().list()).toHaveLength(2)
})
