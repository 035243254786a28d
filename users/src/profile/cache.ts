import { randomUUID } from 'node:crypto'
import { boundedMap } from '@ego/kit/async/bounded-map'
import type { KeyValue } from '@ego/kit/key-value/key-value'
import type { Log } from '@ego/kit/process/log'
import { z } from 'zod'
import { restingKeyValue } from './circuit-breaker.ts'
import { genders, type Profile } from './profile.ts'
import { owedForgets } from './retry-queue.ts'
import type { ProfileStore } from './store.ts'

/** Profiles as they are read most: from memory or Redis, and from the store where they are not there. */
export type ProfileCache = {
  /** Finds hidden ones too. Where the profiles are kept may be away: then they come from the store. */
  find(userId: number): Promise<Profile | null>
  /**
   * To be called after every commit that changed them, before its answer goes out; `forgetting` does so. Never rejects:
   * while what is kept is away, it is owed, and this process does not read it.
   */
  forget(...userIds: readonly number[]): Promise<void>
}

const keptMs = 60_000
const loadingMs = 5_000
const parsedMax = 10_000
const loading = 'loading:'

/** What another version of the code has kept may have another shape, and is as good as absent. */
const keptProfile: z.ZodType<Profile> = z.object({
  userId: z.int(),
  username: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  gender: z.enum(genders),
  birthday: z.string(),
  bio: z.string(),
  avatarHash: z.string().nullable(),
  followers: z.int(),
  following: z.int(),
  createdAt: z.coerce.date(),
  isHidden: z.boolean(),
  isDisabled: z.boolean(),
})

type Deps = {
  profiles: Pick<ProfileStore, 'find'>
  keyValue: KeyValue
  log: Pick<Log, 'info' | 'warn'>
  /** Milliseconds that never go back. */
  now?: () => number
}

export function profileCache(deps: Deps): ProfileCache & AsyncDisposable {
  const { profiles, log, now = () => performance.now() } = deps
  const keyValue = restingKeyValue({ keyValue: deps.keyValue, log, now })
  const owed = owedForgets({
    forget: (userId) => keyValue.delete(keyOf(userId)),
    staleMsMax: loadingMs + keptMs,
    now,
  })

  const parsed = boundedMap<{ text: string; profile: Profile }>(parsedMax)

  /** What is kept is looked at once; the same text is the same profile, down to the object. */
  function profileOf(key: string, text: string, userId: number): Profile | null {
    const known = parsed.get(key)
    if (known?.text === text) return known.profile
    const profile = profileIn(text, userId)
    if (profile) parsed.set(key, { text, profile })
    return profile
  }

  /**
   * What is read from the store is kept only if nobody has forgotten the profile since the reading began: else a slow
   * reader would bring back what a writer has just replaced.
   */
  async function load(key: string, userId: number): Promise<Profile | null> {
    const token = loading + randomUUID()
    const isOurs = await orIfAway(false, () => keyValue.setIfAbsent(key, token, loadingMs))
    const profile = await profiles.find(userId)
    if (isOurs && profile) {
      const text = JSON.stringify(profile)
      await orIfAway(false, () => keyValue.setIfEquals(key, token, text, keptMs))
    }
    return profile
  }

  return {
    async find(userId) {
      if (owed.mayBeStale(userId)) return profiles.find(userId)
      const key = keyOf(userId)
      const kept = await orIfAway(null, () => keyValue.get(key))
      return (kept === null ? null : profileOf(key, kept, userId)) ?? load(key, userId)
    },
    async forget(...userIds) {
      for (const userId of userIds) parsed.delete(keyOf(userId))
      await Promise.all(userIds.map((userId) => owed.forget(userId)))
    },
    [Symbol.asyncDispose]: () => owed[Symbol.asyncDispose](),
  }
}

/** The failure was told by the store itself, and the profile can be had without it. */
async function orIfAway<Result>(instead: Result, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask()
  } catch {
    return instead
  }
}

function profileIn(kept: string, userId: number): Profile | null {
  if (kept.startsWith(loading)) return null
  try {
    const profile = keptProfile.parse(JSON.parse(kept))
    return profile.userId === userId ? profile : null
  } catch {
    return null
  }
}

function keyOf(userId: number): string {
  return `profile:${userId}`
}

/**
 * Does the work and forgets, also when it fails: a commit whose answer was lost has changed the profiles all the same.
 */
export async function forgetting<Result>(
  cache: Pick<ProfileCache, 'forget'>,
  userIds: readonly number[],
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } finally {
    await cache.forget(...userIds)
  }
}
