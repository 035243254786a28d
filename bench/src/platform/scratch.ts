import { mkdirSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

export type Scratch = AsyncDisposable & { path: string }

/** A folder for a platform that is thrown away afterwards, on the same disk as the one that is kept. */
export async function makeScratch(folder: string): Promise<Scratch> {
  // Root's Postgres runs as another user, who has to pass through.
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  const path = await mkdtemp(join(folder, 'scratch-'))
  await chmod(path, 0o711)
  return {
    path: join(path, 'data'),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
