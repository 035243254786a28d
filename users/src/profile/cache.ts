import { randomUUID } from 'node:crypto'
import { boundedMap } from '@ego/kit/async/bounded-map'
import type { KeyValue } from '@ego/kit/key-value/key-value'
import type { Log } from '@ego/kit/process/log'
import { z } from 'zod'
import { withCircuitBreaker } from './circuit-breaker.ts'
import { genders } from './fields.ts'
import type { Profile } from './profile.ts'
import { createRetryQueue } from './retry-queue.ts'
import type { ProfileStore } from './store.ts'

/** Profiles from memory or Redis, and from the store where they are not there or Redis is away. */
export type ProfileCache = {
  /** Finds hidden ones too. */
  find(userId: number): Promise<Profile | null>
  /** For after a commit and before its answer. Never rejects: while Redis is away, this process reads from the store. */
  invalidate(...userIds: readonly number[]): Promise<void>
  /** Does the work and invalidates, also when it fails: a commit may have lost only its answer. */
  invalidateAfter<Result>(userIds: readonly number[], work: () => Promise<Result>): Promise<Result>
}

const keptMs = 60_000
const loadingMs = 5_000
const parsedMax = 10_000
const loading = 'loading:'

/** An entry of another version of the code may have another shape; it counts as absent. */
const entrySchema: z.ZodType<Profile> = z.object({
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

export function createProfileCache(deps: Deps): ProfileCache & AsyncDisposable {
  const { profiles, log, now = () => performance.now() } = deps
  const keyValue = withCircuitBreaker({ keyValue: deps.keyValue, log, now })
  const retries = createRetryQueue({
    invalidate: (userId) => keyValue.delete(keyOf(userId)),
    staleMsMax: loadingMs + keptMs,
    now,
  })
  const parsed = boundedMap<{ text: string; profile: Profile }>(parsedMax)

  /** An entry is parsed once; the same text is the same profile, down to the object. */
  function profileOf(key: string, text: string, userId: number): Profile | null {
    const known = parsed.get(key)
    if (known?.text === text) return known.profile
    const profile = parseEntry(text, userId)
    if (profile) parsed.set(key, { text, profile })
    return profile
  }

  /** Keeps the profile only if it was not invalidated since: a slow reader would bring back what a writer has replaced. */
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

  async function invalidate(...userIds: readonly number[]): Promise<void> {
    for (const userId of userIds) parsed.delete(keyOf(userId))
    await Promise.all(userIds.map((userId) => retries.invalidate(userId)))
  }

  return {
    async find(userId) {
      if (retries.mayBeStale(userId)) return profiles.find(userId)
      const key = keyOf(userId)
      const entry = await orIfAway(null, () => keyValue.get(key))
      return (entry === null ? null : profileOf(key, entry, userId)) ?? load(key, userId)
    },
    invalidate,
    async invalidateAfter(userIds, work) {
      try {
        return await work()
      } finally {
        await invalidate(...userIds)
      }
    },
    [Symbol.asyncDispose]: () => retries[Symbol.asyncDispose](),
  }
}

/** The circuit breaker has logged the failure, and the profile can be had without the cache. */
async function orIfAway<Result>(instead: Result, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask()
  } catch {
    return instead
  }
}

function parseEntry(text: string, userId: number): Profile | null {
  if (text.startsWith(loading)) return null
  try {
    const profile = entrySchema.parse(JSON.parse(text))
    return profile.userId === userId ? profile : null
  } catch {
    return null
  }
}

function keyOf(userId: number): string {
  return `profile:${userId}`
}
