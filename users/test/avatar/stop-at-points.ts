import { fileBlobs } from '@ego/kit/blobs/blobs-files'
import { openDatabase } from '@ego/kit/postgres/open-database'
import { sharpImages } from '../../src/avatar/images-sharp.ts'
import { avatarObjects } from '../../src/avatar/objects.ts'
import { mountPutAvatar } from '../../src/avatar/put.ts'
import { postgresAvatars } from '../../src/avatar/store-postgres.ts'
import { blobTarget, loadConfig } from '../../src/config.ts'
import { avatarSizes } from '../../src/profile/avatar.ts'
import type { ProfileCache } from '../../src/profile/cache.ts'
import { mounted } from '../mounted.ts'
import { anotherPng } from './images.ts'
import { points } from './points.ts'

/**
 * For a test to kill: sets two avatars of each member, and stops for ever at the member's point of the second. Says the
 * point when it is there.
 */
const config = loadConfig()
const target = blobTarget(config)
if (!('folder' in target)) throw new Error('Set BLOBS_FOLDER.')
const migrations = new URL('../../migrations/', import.meta.url)
const sql = await openDatabase({ service: 'users', config, migrations })
const blobs = await fileBlobs(target.folder)
const store = postgresAvatars(sql)
const log = { warn: () => {} }
const images = sharpImages({ log })
const cache: Pick<ProfileCache, 'invalidateAfter'> = { invalidateAfter: (_, work) => work() }

async function stopAt(userId: number, point: string | undefined): Promise<void> {
  const before = await anotherPng()
  const after = await anotherPng()
  const calls = { put: 0, delete: 0 }
  let isSecond = false
  // Objects are written and deleted at once; here in turn, so that each point is one state.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
  const reached = async (isHere: boolean) => {
    if (!isSecond || !isHere) return
    process.stdout.write(`${point}\n`)
    await new Promise(() => {})
  }
  const stopping: typeof blobs = {
    ...blobs,
    put: (...put) =>
      inTurn(async () => {
        await reached(point === 'inserted' && calls.put === 0)
        const head = await blobs.put(...put)
        if (isSecond) calls.put += 1
        await reached(point === 'first put' && calls.put === 1)
        await reached(point === 'before the switch' && calls.put === avatarSizes.length)
        return head
      }),
    delete: (key) =>
      inTurn(async () => {
        await reached(point === 'committed')
        await blobs.delete(key)
        await reached(point === 'half removed')
      }),
  }
  const objects = avatarObjects({ avatars: store, blobs: stopping, log })
  const deps = { avatars: store, blobs: stopping, cache, images, objects }
  const request = mounted((app) => mountPutAvatar(app, { ...deps, limiter: (work) => work() }))
  await request(userId, 'PUT', '/users/me/avatar', before)
  isSecond = true
  await request(userId, 'PUT', '/users/me/avatar', after)
}

await Promise.all(points.map((point, at) => stopAt(at + 1, point)))
