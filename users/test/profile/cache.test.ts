import { memoryKeyValue } from '@ego/kit/key-value/key-value-memory'
import { beforeEach, describe, expect, test } from 'vitest'
import { mountFollowUser } from '../../src/follow/follow.ts'
import type { FollowStore } from '../../src/follow/store.ts'
import { mountUnfollowUser } from '../../src/follow/unfollow.ts'
import { createProfileCache, type ProfileCache } from '../../src/profile/cache.ts'
import { mountChangeProfile } from '../../src/profile/change.ts'
import { mountHideProfile } from '../../src/profile/hide.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { mountRestoreProfile } from '../../src/profile/restore.ts'
import type { ProfileStore } from '../../src/profile/store.ts'
import { mounted } from '../mounted.ts'
import { aProfile } from './a-profile.ts'

const unused = async () => {
  throw new Error('Not used.')
}
const noProfiles: ProfileStore = {
  create: unused,
  find: unused,
  change: unused,
  setHidden: unused,
}
const noFollows: FollowStore = {
  follow: unused,
  unfollow: unused,
  readRelation: unused,
  list: unused,
}

type Reading = PromiseWithResolvers<Profile | null>

let now: number
let readings: Reading[]
let cache: ProfileCache

beforeEach(() => {
  now = 0
  readings = []
  cache = createProfileCache({
    log: { info() {}, warn() {} },
    keyValue: memoryKeyValue({ now: () => now }),
    profiles: {
      find() {
        const reading = Promise.withResolvers<Profile | null>()
        readings.push(reading)
        return reading.promise
      },
    },
  })
})

/** The next reading from the store, whose answer the test chooses. */
async function nextReading(): Promise<Reading> {
  for (let turns = 0; turns < 100; turns += 1) {
    const reading = readings.shift()
    if (reading) return reading
    await Promise.resolve()
  }
  throw new Error('The store is not read.')
}

async function findAndRead(profile: Profile | null): Promise<Profile | null> {
  const found = cache.find(7)
  const reading = await nextReading()
  reading.resolve(profile)
  return found
}

describe('a profile', () => {
  test('is read from the store once, and comes back with everything', async () => {
    const profile = aProfile({ isHidden: true, isDisabled: true, avatarHash: 'hash' })
    expect(await findAndRead(profile)).toEqual(profile)
    expect(await cache.find(7)).toEqual(profile)
    expect(readings).toHaveLength(0)
  })

  test('is read again after a minute', async () => {
    await findAndRead(aProfile({ bio: 'old' }))
    now = 60_001
    expect(await findAndRead(aProfile({ bio: 'new' }))).toMatchObject({ bio: 'new' })
  })

  test('that was invalidated is read again, others are not', async () => {
    await findAndRead(aProfile({ bio: 'old' }))
    await cache.invalidate(8)
    expect(await cache.find(7)).toMatchObject({ bio: 'old' })
    await cache.invalidate(6, 7)
    expect(await findAndRead(aProfile({ bio: 'new' }))).toMatchObject({ bio: 'new' })
  })

  test('that is not there is looked for again', async () => {
    expect(await findAndRead(null)).toBeNull()
    expect(await findAndRead(aProfile())).toEqual(aProfile())
  })

  test('whose reading failed is read again', async () => {
    const failed = cache.find(7)
    const reading = await nextReading()
    reading.reject(new Error('The store is away.'))
    await expect(failed).rejects.toThrow('away')
    expect(await findAndRead(aProfile())).toEqual(aProfile())
  })
})

describe('a slow reader that began before a write', () => {
  test('does not bring the old value back after it', async () => {
    const slow = cache.find(7)
    const reading = await nextReading()
    await cache.invalidate(7)
    reading.resolve(aProfile({ bio: 'old' }))
    expect(await slow).toMatchObject({ bio: 'old' })
    expect(await findAndRead(aProfile({ bio: 'new' }))).toMatchObject({ bio: 'new' })
    expect(await cache.find(7)).toMatchObject({ bio: 'new' })
  })

  test('does not replace what a quick reader has kept since', async () => {
    const slow = cache.find(7)
    const reading = await nextReading()
    await cache.invalidate(7)
    await findAndRead(aProfile({ bio: 'new' }))
    reading.resolve(aProfile({ bio: 'old' }))
    await slow
    expect(await cache.find(7)).toMatchObject({ bio: 'new' })
  })

  test('does not use the place that a reader after the write has taken', async () => {
    const slow = cache.find(7)
    const before = await nextReading()
    await cache.invalidate(7)
    const quick = cache.find(7)
    const after = await nextReading()
    before.resolve(aProfile({ bio: 'old' }))
    await slow
    after.resolve(aProfile({ bio: 'new' }))
    await quick
    expect(await cache.find(7)).toMatchObject({ bio: 'new' })
  })

  test('and took longer than its place is held keeps nothing', async () => {
    const slow = cache.find(7)
    const reading = await nextReading()
    now = 5_001
    reading.resolve(aProfile({ bio: 'old' }))
    await slow
    expect(await findAndRead(aProfile({ bio: 'new' }))).toMatchObject({ bio: 'new' })
  })
})

describe('a write that fails after it has committed', () => {
  const lost = () => Promise.reject(new Error('The connection was lost.'))
  const following = '/users/me/following'
  const writes: [string, number, string, string, object?][] = [
    ['a change', 7, 'PATCH', '/users/me', {}],
    ['hiding', 7, 'DELETE', '/users/me'],
    ['restoring', 7, 'POST', '/users/me/restore'],
    ['a follow', 7, 'PUT', `${following}/8`],
    ['being followed', 8, 'PUT', `${following}/7`],
    ['an unfollow', 7, 'DELETE', `${following}/8`],
  ]
  const request = mounted((app) => {
    const profiles = { ...noProfiles, change: lost, setHidden: lost }
    const follows = { ...noFollows, follow: lost, unfollow: lost }
    const later: Pick<ProfileCache, 'find' | 'invalidateAfter'> = {
      find: (userId) => cache.find(userId),
      invalidateAfter: (userIds, work) => cache.invalidateAfter(userIds, work),
    }
    mountChangeProfile(app, { profiles, cache: later, now: Date.now })
    mountHideProfile(app, { profiles, cache: later })
    mountRestoreProfile(app, { profiles, cache: later })
    mountFollowUser(app, { follows, cache: later })
    mountUnfollowUser(app, { follows, cache: later })
  })

  test.each(writes)('is seen all the same: %s', async (_, ...write) => {
    await findAndRead(aProfile({ bio: 'old' }))
    await expect(request(...write)).rejects.toThrow('lost')
    const found = cache.find(7)
    const reading = await nextReading()
    reading.resolve(aProfile({ bio: 'new' }))
    expect(await found).toMatchObject({ bio: 'new' })
  })
})

test('readers at the same time each get the profile, and it is kept', async () => {
  const first = cache.find(7)
  const firstReading = await nextReading()
  const second = cache.find(7)
  const secondReading = await nextReading()
  secondReading.resolve(aProfile())
  expect(await second).toEqual(aProfile())
  firstReading.resolve(aProfile())
  expect(await first).toEqual(aProfile())
  expect(await cache.find(7)).toEqual(aProfile())
})
