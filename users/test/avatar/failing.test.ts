import type { Blobs } from '@ego/kit/blobs/blobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mountDeleteAvatar } from '../../src/avatar/delete.ts'
import type { Images } from '../../src/avatar/images.ts'
import { avatarObjects } from '../../src/avatar/objects.ts'
import { mountPutAvatar } from '../../src/avatar/put.ts'
import type { AvatarStore } from '../../src/avatar/store.ts'
import { postgresAvatars } from '../../src/avatar/store-postgres.ts'
import type { ProfileCache } from '../../src/profile/cache.ts'
import { mounted } from '../mounted.ts'
import { startUsers, type TestUsers } from '../start-users.ts'
import { answerOf, avatarCalls } from './avatar-calls.ts'

let users: TestUsers
let avatars: ReturnType<typeof avatarCalls>

beforeAll(async () => {
  users = await startUsers()
  avatars = avatarCalls(users)
})
afterAll(() => users[Symbol.asyncDispose]())

const squares: Images = {
  toSquares: async (upload) => ([64, 256, 512] as const).map((size) => ({ size, webp: upload })),
}

/** The operations on a store of blobs of which some calls are replaced. */
function onBlobs(changes: Partial<Blobs>) {
  return on({ blobs: changes })
}

type Changes = { blobs?: Partial<Blobs>; avatars?: Partial<AvatarStore>; images?: Images }

function on(changes: Changes) {
  const blobs = { ...users.blobs, ...changes.blobs }
  const warnings: unknown[] = []
  const log = { warn: (...what: unknown[]) => void warnings.push(what) }
  const store = postgresAvatars(users.sql)
  const objects = avatarObjects({ avatars: store, blobs, log })
  const invalidated: number[] = []
  const cache: Pick<ProfileCache, 'invalidateAfter'> = {
    async invalidateAfter(userIds, work) {
      try {
        return await work()
      } finally {
        invalidated.push(...userIds)
      }
    },
  }
  const deps = { avatars: { ...store, ...changes.avatars }, blobs, cache, objects }
  const request = mounted((app) => {
    const images = { ...squares, ...changes.images }
    mountPutAvatar(app, { ...deps, images, limiter: (work) => work() })
    mountDeleteAvatar(app, deps)
  })
  return {
    warnings,
    invalidated,
    async set(userId: number, text: string) {
      const response = await request(userId, 'PUT', '/users/me/avatar', Buffer.from(text))
      const { url } = await answerOf(response)
      return { userId, avatarHash: url.replace(/^.*=/, '') }
    },
    remove: (userId: number) => request(userId, 'DELETE', '/users/me/avatar'),
  }
}

const broken = async () => {
  throw new Error('the store is away')
}

test('a store that takes no object leaves the avatar as it was', async () => {
  const { userId } = await users.aPerson()
  const before = await onBlobs({}).set(userId, 'before')
  const events = await users.events(userId)
  await expect(onBlobs({ put: broken }).set(userId, 'after')).rejects.toThrow('away')
  expect(await avatars.urlInProfile(userId)).toContain(before.avatarHash)
  expect(await users.events(userId)).toEqual(events)
  expect(await avatars.countUnused()).toBe(1)
  await avatars.sweep()
  await avatars.expectObjectsAreRows()
})

/** Holds its objects back until they are let through; `refused` fails at once. */
function aSlowStore(refused = 'none') {
  const { promise, resolve } = Promise.withResolvers<void>()
  const puts: Promise<unknown>[] = []
  const put: Blobs['put'] = async (key, body, options) => {
    if (key.includes(refused)) throw new Error('the store is away')
    const putting = promise.then(() => users.blobs.put(key, body, options))
    puts.push(putting)
    return putting
  }
  return {
    put,
    async letThrough() {
      resolve()
      await Promise.all(puts)
    },
  }
}

/** A sweep must not delete what is being written. */
async function sweepMeanwhile() {
  await expect.poll(() => avatars.countUnused()).toBe(1)
  for (let sweeps = 0; sweeps < 20; sweeps += 1) await avatars.sweep()
}

test('a store that is slow has its objects left alone until they are there', async () => {
  const { userId } = await users.aPerson()
  const { put, letThrough } = aSlowStore()
  const setting = onBlobs({ put }).set(userId, 'slowly')
  await sweepMeanwhile()
  await letThrough()
  const { avatarHash } = await setting
  expect(await avatars.urlInProfile(userId)).toContain(avatarHash)
  expect(await avatars.keysThere(`avatars/${userId}/`)).toHaveLength(3)
  await avatars.expectObjectsAreRows()
})

test('a store that refuses one object and takes the others later keeps none of them', async () => {
  const { userId } = await users.aPerson()
  const { put, letThrough } = aSlowStore('-64')
  const failed = expect(onBlobs({ put }).set(userId, 'partly')).rejects.toThrow('away')
  await sweepMeanwhile()
  await letThrough()
  await failed
  await avatars.sweep()
  await avatars.expectObjectsAreRows()
})

test('a database that gives up on a slow store still knows of its objects', async () => {
  const { userId } = await users.aPerson()
  const slow = onBlobs({
    async put(key, body, options) {
      if (key.includes('-64')) {
        await users.sql`
          select pg_terminate_backend(pid)
          from pg_stat_activity
          where state = 'idle in transaction' and datname = current_database()`
        while ((await users.sql`select 1 from avatar where user_id = ${userId}`).length > 0)
          await avatars.sweep()
      }
      return users.blobs.put(key, body, options)
    },
  })
  await expect(slow.set(userId, 'slow')).rejects.toThrow()
  expect(await avatars.keysThere(`avatars/${userId}/`)).not.toEqual([])
  await avatars.sweep()
  await avatars.expectObjectsAreRows()
})

test('a store that deletes nothing is no matter of the caller, and is swept later', async () => {
  const { userId } = await users.aPerson()
  const { set, remove, warnings } = onBlobs({ delete: broken })
  await set(userId, 'one')
  const { avatarHash } = await set(userId, 'two')
  expect(await avatars.urlInProfile(userId)).toContain(avatarHash)
  await remove(userId)
  expect(warnings).toHaveLength(2)
  expect(await avatars.keysThere(`avatars/${userId}/`)).toHaveLength(6)
  expect(await avatars.countUnused()).toBe(2)
  await avatars.sweep()
  await avatars.expectObjectsAreRows()
})

test('a member who is erased while an upload is written leaves nothing, without a sweep', async () => {
  const { userId } = await users.aPerson()
  await onBlobs({}).set(userId, 'before')
  const { put, letThrough } = aSlowStore()
  const { set } = onBlobs({ put })
  const gone = ['slowly', 'behind it'].map((text) =>
    expect(set(userId, text)).rejects.toMatchObject({ code: 'profile_not_found' }),
  )
  await expect.poll(() => avatars.countUnused()).toBe(1)
  await users.tell('user.deleted.v1', userId)
  expect(await avatars.keysThere(`avatars/${userId}/`)).not.toEqual([])
  await letThrough()
  await Promise.all(gone)
  expect(await avatars.keysThere(`avatars/${userId}/`)).toEqual([])
  expect(await avatars.countUnused()).toBe(0)
})

test('an image that found no room is told to come back', async () => {
  const { userId } = await users.aPerson()
  const { set } = on({ images: { toSquares: async () => 'no_room' } })
  await expect(set(userId, 'large')).rejects.toMatchObject({ name: 'BusyError' })
})

test('a commit whose answer is lost invalidates the cache all the same', async () => {
  const { userId } = await users.aPerson()
  const store = postgresAvatars(users.sql)
  const lost = async (change: Promise<unknown>): Promise<never> => {
    await change
    throw new Error('the answer is lost')
  }
  const { set, remove, invalidated } = on({
    avatars: {
      replace: (...change) => lost(store.replace(...change)),
      clear: (...change) => lost(store.clear(...change)),
    },
  })
  await expect(set(userId, 'new')).rejects.toThrow('lost')
  expect(invalidated).toEqual([userId])
  await expect(remove(userId)).rejects.toThrow('lost')
  expect(invalidated).toEqual([userId, userId])
  await avatars.sweep()
})

test('an encoder that makes other bytes of the same upload gives them another URL', async () => {
  const { userId } = await users.aPerson()
  const before = await on({}).set(userId, 'upload')
  const newer: Images = {
    toSquares: (upload) => squares.toSquares(Buffer.concat([upload, Buffer.from('newer')])),
  }
  const { avatarHash } = await on({ images: newer }).set(userId, 'upload')
  expect(avatarHash).not.toBe(before.avatarHash)
  expect(await on({ images: newer }).set(userId, 'upload')).toEqual({ userId, avatarHash })
})
