import { memoryKeyValue } from '@ego/kit/key-value/key-value-memory'
import { beforeEach, describe, expect, test } from 'vitest'
import type { FollowStore } from '../../src/follow/store.ts'
import { followUser, unfollowUser } from '../../src/follow/use-cases.ts'
import { type ProfileCache, profileCache } from '../../src/profile/cache.ts'
import type { Profile } from '../../src/profile/profile.ts'
import type { ProfileStore } from '../../src/profile/store.ts'
import { changeProfile, setProfileHidden } from '../../src/profile/use-cases.ts'
import { aProfile } from './a-profile.ts'

const unused = async () => {
  throw new Error('Not used.')
}
const noProfiles: ProfileStore = {
  complete: unused,
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
  cache = profileCache({
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
  throw new Error('Nobody reads from the store.')
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

  test('that was forgotten is read again, others are not', async () => {
    await findAndRead(aProfile({ bio: 'old' }))
    await cache.forget(8)
    expect(await cache.find(7)).toMatchObject({ bio: 'old' })
    await cache.forget(6, 7)
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
    await cache.forget(7)
    reading.resolve(aProfile({ bio: 'old' }))
    expect(await slow).toMatchObject({ bio: 'old' })
    expect(await findAndRead(aProfile({ bio: 'new' }))).toMatchObject({ bio: 'new' })
    expect(await cache.find(7)).toMatchObject({ bio: 'new' })
  })

  test('does not replace what a quick reader has kept since', async () => {
    const slow = cache.find(7)
    const reading = await nextReading()
    await cache.forget(7)
    await findAndRead(aProfile({ bio: 'new' }))
    reading.resolve(aProfile({ bio: 'old' }))
    await slow
    expect(await cache.find(7)).toMatchObject({ bio: 'new' })
  })

  test('does not use the place that a reader after the write has taken', async () => {
    const slow = cache.find(7)
    const before = await nextReading()
    await cache.forget(7)
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
  const writes: [string, () => Promise<unknown>, number][] = [
    [
      'a change',
      () => changeProfile({ profiles: { ...noProfiles, change: lost }, cache })(7, {}, 'r'),
      7,
    ],
    [
      'hiding',
      () => setProfileHidden({ profiles: { ...noProfiles, setHidden: lost }, cache })(7, true, 'r'),
      7,
    ],
    [
      'a follow',
      () => followUser({ follows: { ...noFollows, follow: lost }, cache })(7, 8, 'r'),
      7,
    ],
    [
      'a follow of somebody',
      () => followUser({ follows: { ...noFollows, follow: lost }, cache })(8, 7, 'r'),
      7,
    ],
    [
      'an unfollow',
      () => unfollowUser({ follows: { ...noFollows, unfollow: lost }, cache })(7, 8, 'r'),
      7,
    ],
  ]

  test.each(writes)('is seen all the same: %s', async (_, write, userId) => {
    await findAndRead(aProfile({ bio: 'old' }))
    await expect(write()).rejects.toThrow('lost')
    const found = cache.find(userId)
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
