import { pause } from '@ego/kit/async/backoff'
import { repeat } from '@ego/kit/async/repeat'
import type { Blobs } from '@ego/kit/blobs/blobs'
import type { Log } from '@ego/kit/process/log'
import type { AvatarObjects } from './objects.ts'
import type { AvatarStore } from './store.ts'
import { sweepAvatars, sweepOrphans } from './sweep.ts'

// Longer than an idle connection to the database is kept: a quiet service gives it back.
const everyMs = 60_000
const orphansEveryMs = 6 * 3_600_000

type Deps = {
  avatars: AvatarStore
  objects: AvatarObjects
  blobs: Blobs
  log: Pick<Log, 'warn'>
  now: () => number
}

/** Both begin at once, with what earlier processes have left. */
export function startSweeps({ avatars, objects, blobs, log, now }: Deps): AsyncDisposable {
  const sweeps = new AsyncDisposableStack()
  sweeps.use(
    repeat({
      firstAfterMs: 0,
      everyMs,
      work: sweepAvatars({ avatars, objects }),
      onError: (error) =>
        log.warn({ err: error }, 'avatars were not swept; the next sweep goes on'),
    }),
  )
  sweeps.use(
    repeat({
      firstAfterMs: 0,
      everyMs: orphansEveryMs,
      work: sweepOrphans({ avatars, blobs, log, now, pause }),
      onError: (error) =>
        log.warn({ err: error }, 'objects were not compared with rows; a later sweep does it'),
    }),
  )
  return sweeps
}
