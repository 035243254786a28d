import { pause } from '@ego/kit/async/backoff'
import { repeat } from '@ego/kit/async/repeat'
import type { BlobPage, Blobs } from '@ego/kit/blobs/blobs'
import type { Log } from '@ego/kit/process/log'
import type { Avatar } from '../profile/avatar.ts'
import { type AvatarObjects, avatarsPrefix, deleteObjects, parseAvatarKey } from './objects.ts'
import type { AvatarStore, UnusedAvatar } from './store.ts'

// Longer than an idle connection to the database is kept: a quiet service gives it back.
const unusedEveryMs = 60_000
const orphansEveryMs = 6 * 3_600_000
const unusedBatch = 100
const orphanBatch = 1_000
const betweenBatchesMs = 1_000
const orphanAgeMinMs = 3_600_000

type Deps = {
  avatars: AvatarStore
  objects: AvatarObjects
  blobs: Blobs
  log: Pick<Log, 'warn'>
  now: () => number
}

/** Both sweeps run at once at the start, for what earlier processes have left. */
export function startSweeps({ avatars, objects, blobs, log, now }: Deps): AsyncDisposable {
  const sweeps = new AsyncDisposableStack()
  const start = (everyMs: number, work: Sweep, failure: string) => {
    const onError = (error: unknown) => log.warn({ err: error }, failure)
    sweeps.use(repeat({ firstAfterMs: 0, everyMs, work, onError }))
  }
  start(
    unusedEveryMs,
    sweepAvatars({ avatars, objects }),
    'avatars were not swept; the next sweep goes on',
  )
  start(
    orphansEveryMs,
    sweepOrphans({ avatars, blobs, log, now, pause }),
    'objects were not compared with rows; a later sweep does it',
  )
  return sweeps
}

type Sweep = (signal: AbortSignal) => Promise<void>
type SweepDeps = {
  avatars: Pick<AvatarStore, 'listUnused'>
  objects: Pick<AvatarObjects, 'delete'>
}

/** Deletes what a killed process, or a blob store that was away, has left. Each set has one try. */
export function sweepAvatars({ avatars, objects }: SweepDeps): Sweep {
  return async (signal) => {
    let after: UnusedAvatar | undefined
    do {
      const unused: UnusedAvatar[] = await avatars.listUnused(unusedBatch, after)
      for (const avatar of unused) {
        if (signal.aborted) return
        await objects.delete(avatar)
      }
      after = unused.length === unusedBatch ? unused.at(-1) : undefined
    } while (after)
  }
}

type OrphanDeps = {
  avatars: Pick<AvatarStore, 'listUnknown' | 'deleteUnknown'>
  blobs: Pick<Blobs, 'list' | 'delete'>
  log: Pick<Log, 'warn'>
  now: () => number
  pause: (ms: number, signal: AbortSignal) => Promise<unknown>
}

/**
 * Deletes objects without a row: the database was restored from a backup, or an object arrived long after its writer had
 * given up. It reads all keys, so it takes its time.
 */
export function sweepOrphans({ avatars, blobs, log, now, pause }: OrphanDeps): Sweep {
  return async (signal) => {
    let after: string | null = ''
    while (after !== null && !signal.aborted) {
      const { items, next }: BlobPage = await blobs.list(avatarsPrefix, {
        after,
        limit: orphanBatch,
      })
      const old = items.filter(({ modifiedAt }) => now() - modifiedAt.getTime() > orphanAgeMinMs)
      await deleteOrphans(
        old.map(({ key }) => key),
        signal,
      )
      after = next
      if (after !== null) await pause(betweenBatchesMs, signal)
    }
  }

  async function deleteOrphans(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const sets = Map.groupBy(keys, setName)
    const seen = [...sets.values()].flatMap(([key = '']) => parseAvatarKey(key) ?? [])
    for (const avatar of await avatars.listUnknown(seen)) {
      if (signal.aborted) return
      const orphans = sets.get(nameOf(avatar)) ?? []
      try {
        await avatars.deleteUnknown(avatar, () => deleteObjects(blobs, orphans))
      } catch (error) {
        const details = { err: error, user_id: avatar.userId }
        log.warn(details, 'an avatar without a row is still there; it is swept')
      }
    }
  }
}

/** Keys that are not ours have none, and are left alone. */
function setName(key: string): string | null {
  const avatar = parseAvatarKey(key)
  return avatar && nameOf(avatar)
}

function nameOf({ userId, avatarHash }: Avatar): string {
  return `${userId}/${avatarHash}`
}
