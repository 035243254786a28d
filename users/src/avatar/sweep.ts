import type { BlobPage, Blobs } from '@ego/kit/blobs/blobs'
import type { Log } from '@ego/kit/process/log'
import { type Avatar, avatarsPrefix, parseAvatarKey } from '../profile/avatar.ts'
import { allDone } from './all-done.ts'
import type { AvatarObjects } from './objects.ts'
import type { AvatarStore, LeftAvatar } from './store.ts'

const leftBatch = 100

type SweepDeps = { avatars: Pick<AvatarStore, 'listLeft'>; objects: Pick<AvatarObjects, 'remove'> }

/** Removes what earlier ones have left: a process that was killed, a blob store that was away. Each set has one try. */
export function sweepAvatars({ avatars, objects }: SweepDeps) {
  return async (signal: AbortSignal): Promise<void> => {
    let after: LeftAvatar | undefined
    do {
      const left: LeftAvatar[] = await avatars.listLeft(leftBatch, after)
      for (const avatar of left) {
        if (signal.aborted) return
        await objects.remove(avatar)
      }
      after = left.length === leftBatch ? left.at(-1) : undefined
    } while (after)
  }
}

const listBatch = 1_000
const betweenBatchesMs = 1_000
const orphanAgeMinMs = 3_600_000

type OrphanDeps = {
  avatars: Pick<AvatarStore, 'listUnknown' | 'eraseUnknown'>
  blobs: Pick<Blobs, 'list' | 'delete'>
  log: Pick<Log, 'warn'>
  now: () => number
  pause: (ms: number, signal: AbortSignal) => Promise<unknown>
}

/**
 * Removes objects that no row knows of: the database was restored from a backup, or an object came long after its writer
 * had given up. It reads all keys, so it takes its time.
 */
export function sweepOrphans({ avatars, blobs, log, now, pause }: OrphanDeps) {
  return async (signal: AbortSignal): Promise<void> => {
    let after: string | null = ''
    while (after !== null && !signal.aborted) {
      const { items, next }: BlobPage = await blobs.list(avatarsPrefix, { after, limit: listBatch })
      const old = items.filter(({ modifiedAt }) => now() - modifiedAt.getTime() > orphanAgeMinMs)
      await removeUnknown(
        old.map(({ key }) => key),
        signal,
      )
      after = next
      if (after !== null) await pause(betweenBatchesMs, signal)
    }
  }

  async function removeUnknown(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const sets = bySet(keys)
    const unknown = await avatars.listUnknown([...sets.values()].map(({ avatar }) => avatar))
    for (const avatar of unknown) {
      if (signal.aborted) return
      const { keys = [] } = sets.get(setName(avatar)) ?? {}
      try {
        await avatars.eraseUnknown(avatar, () => allDone(keys.map((key) => blobs.delete(key))))
      } catch (error) {
        const details = { err: error, user_id: avatar.userId }
        log.warn(details, 'an avatar that nobody knows of is still there; it is swept')
      }
    }
  }
}

type ObjectSet = { avatar: Avatar; keys: string[] }

/** By user and hash. What is no key of an avatar is left alone. */
function bySet(keys: readonly string[]): Map<string, ObjectSet> {
  const sets = new Map<string, ObjectSet>()
  for (const key of keys) {
    const avatar = parseAvatarKey(key)
    if (!avatar) continue
    const set = sets.get(setName(avatar)) ?? { avatar, keys: [] }
    set.keys.push(key)
    sets.set(setName(avatar), set)
  }
  return sets
}

function setName({ userId, avatarHash }: Avatar): string {
  return `${userId}/${avatarHash}`
}
