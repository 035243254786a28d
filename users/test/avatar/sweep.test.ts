import type { Blobs } from '@ego/kit/blobs/blobs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { avatarKey, avatarObjects } from '../../src/avatar/objects.ts'
import type { AvatarStore } from '../../src/avatar/store.ts'
import { postgresAvatars } from '../../src/avatar/store-postgres.ts'
import { sweepAvatars, sweepOrphans } from '../../src/avatar/sweep.ts'
import { avatarSizes } from '../../src/profile/avatar.ts'
import { startUsers, type TestUsers } from '../start-users.ts'
import { answerOf, avatarCalls } from './avatar-calls.ts'
import { anotherPng } from './images.ts'

const hourMs = 3_600_000

let users: TestUsers
let avatars: ReturnType<typeof avatarCalls>
let shiftMs = 0

beforeEach(async () => {
  shiftMs = 0
  users = await startUsers({ now: () => Date.now() + shiftMs })
  avatars = avatarCalls(users)
})
afterEach(() => users[Symbol.asyncDispose]())

const log = { warn: () => {} }
const signal = new AbortController().signal

async function putSet(userId: number, avatarHash: string): Promise<void> {
  for (const size of avatarSizes) {
    const key = avatarKey({ userId, avatarHash }, size)
    await users.blobs.put(key, Buffer.from('x'), { type: 'image/webp' })
  }
}

const insertSets = (from: number, to: number) => users.sql`
  insert into avatar (user_id, hash)
  select user_id, 'hash'
  from generate_series(${from}::bigint, ${to}::bigint) as inserted (user_id)`

describe('the sweep', () => {
  test('goes on until nothing is left, and what cannot be deleted does not hold up the rest', async () => {
    await users.stop()
    await insertSets(1, 120)
    await insertSets(1_001, 1_130)
    await putSet(1_130, 'hash')
    const tries: string[] = []
    const blobs: Blobs = {
      ...users.blobs,
      async delete(key) {
        tries.push(key)
        if (/^avatars\/\d{1,3}\//.test(key)) throw new Error('it stays')
        await users.blobs.delete(key)
      },
    }
    const store = postgresAvatars(users.sql)
    const objects = avatarObjects({ avatars: store, blobs, log })
    await sweepAvatars({ avatars: store, objects })(signal)
    expect(await avatars.countUnused()).toBe(120)
    expect(await avatars.keysThere()).toEqual([])
    // Each has one try.
    expect(tries.length).toBe(250 * avatarSizes.length)
  })

  test('ends when it is told to', async () => {
    await users.stop()
    await insertSets(1, 3)
    const stopping = new AbortController()
    const store = postgresAvatars(users.sql)
    const deleting = vi.fn(async () => stopping.abort())
    await sweepAvatars({ avatars: store, objects: { delete: deleting } })(stopping.signal)
    expect(deleting).toHaveBeenCalledTimes(1)
  })
})

/** Two hours later, in batches of two objects. */
function orphansAreSwept(changes: Partial<AvatarStore> = {}, blobs: Partial<Blobs> = {}) {
  return sweepOrphans({
    avatars: { ...postgresAvatars(users.sql), ...changes },
    blobs: {
      ...users.blobs,
      list: (prefix, page) => users.blobs.list(prefix, { ...page, limit: 2 }),
      ...blobs,
    },
    log,
    now: () => Date.now() + 2 * hourMs,
    pause: async () => {},
  })(signal)
}

describe('objects without a row', () => {
  test('are removed by a service that starts, once they are older than an hour', async () => {
    const { userId, headers } = await users.aPerson()
    const { url } = await answerOf(await avatars.put(headers, await anotherPng()))
    await putSet(userId, 'orphan')
    await putSet(999_999, 'orphan')
    await users.stop()
    shiftMs = hourMs - 60_000
    await users.restart()
    await users.stop()
    expect(await avatars.keysThere()).toHaveLength(9)
    shiftMs = hourMs + 60_000
    await users.restart()
    await vi.waitFor(() => avatars.expectObjectsAreRows(), { timeout: 5_000 })
    expect((await users.request(url)).status).toBe(200)
  })

  test('are found among others, in batches, in sizes that are not made any more', async () => {
    const kept: string[] = []
    for (let people = 0; people < 3; people += 1) {
      const { userId, headers } = await users.aPerson()
      await avatars.put(headers, await anotherPng())
      kept.push(...(await avatars.keysThere(`avatars/${userId}/`)))
      await putSet(userId, 'orphan-7')
    }
    for (const key of ['avatars/5/orphan-1024.webp', 'avatars/readme', 'avatars/x/orphan-64.webp'])
      await users.blobs.put(key, Buffer.from('x'), { type: 'image/webp' })
    await orphansAreSwept()
    const others = ['avatars/readme', 'avatars/x/orphan-64.webp']
    expect(await avatars.keysThere()).toEqual([...kept, ...others].sort())
  })

  test('that are being written again at this moment stay', async () => {
    await putSet(7, 'again')
    const store = postgresAvatars(users.sql)
    const insert = () => users.sql`
      insert into avatar (user_id, hash, is_current)
      values (7, 'again', true)`
    await orphansAreSwept({
      async listUnknown(sets) {
        const unknown = await store.listUnknown(sets)
        if (unknown.length > 0) await insert()
        return unknown
      },
    })
    expect(await avatars.keysThere()).toHaveLength(3)
  })

  test('that cannot be removed are no reason to leave the others', async () => {
    await putSet(7, 'stuck')
    await putSet(8, 'orphan')
    await orphansAreSwept(
      {},
      {
        async delete(key) {
          if (key.includes('stuck')) throw new Error('it stays')
          await users.blobs.delete(key)
        },
      },
    )
    expect(await avatars.keysThere()).toHaveLength(3)
    await orphansAreSwept()
    expect(await avatars.keysThere()).toEqual([])
  })
})
