import { randomUUID } from 'node:crypto'
import type { KeyValue } from '@ego/kit/key-value'
import type { Profile } from './profile.ts'
import type { ProfileStore } from './store.ts'

/** Profiles as they are read most: from memory or Redis, and from the store where they are not there. */
export type ProfileCache = {
  /** Finds hidden ones too. */
  find(userId: number): Promise<Profile | null>
  /** To be called after every commit that changed them, before its answer goes out; `forgetting` does so. */
  forget(...userIds: readonly number[]): Promise<void>
}

const keptMs = 60_000
const loadingMs = 5_000
const loading = 'loading:'

type Deps = { profiles: Pick<ProfileStore, 'find'>; keyValue: KeyValue }

export function profileCache({ profiles, keyValue }: Deps): ProfileCache {
  /**
   * What is read from the store is kept only if nobody has forgotten the profile since the reading began: else a slow
   * reader would bring back what a writer has just replaced.
   */
  async function load(key: string, userId: number): Promise<Profile | null> {
    const token = loading + randomUUID()
    const isOurs = await keyValue.setIfAbsent(key, token, loadingMs)
    const profile = await profiles.find(userId)
    if (isOurs && profile) await keyValue.setIfEquals(key, token, JSON.stringify(profile), keptMs)
    return profile
  }

  return {
    async find(userId) {
      const key = keyOf(userId)
      const kept = await keyValue.get(key)
      if (kept === null || kept.startsWith(loading)) return load(key, userId)
      const { createdAt, ...profile } = JSON.parse(kept)
      return { ...profile, createdAt: new Date(createdAt) }
    },
    async forget(...userIds) {
      await Promise.all(userIds.map((userId) => keyValue.delete(keyOf(userId))))
    },
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
