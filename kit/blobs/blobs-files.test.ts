import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { blobsContract } from './blobs.contract.ts'
import { fileBlobs } from './blobs-files.ts'

blobsContract('fileBlobs', async () => {
  const { folder, ...disposer } = await temporaryFolder()
  return { blobs: await fileBlobs(folder), ...disposer }
})

it('opening removes the drafts of a crashed process and keeps those being written', async () => {
  await using temporary = await temporaryFolder()
  const { folder } = temporary
  const blobs = await fileBlobs(folder)
  await writeFile(join(folder, '.tmp', 'old'), 'half')
  await writeFile(join(folder, '.tmp', 'young'), 'half')
  const twoHoursAgo = Date.now() / 1_000 - 7_200
  await utimes(join(folder, '.tmp', 'old'), twoHoursAgo, twoHoursAgo)
  await blobs.put('a', Buffer.from('a'), { type: 'image/png' })
  const again = await fileBlobs(folder)
  expect(await readdir(join(folder, '.tmp'))).toEqual(['young'])
  expect((await again.list('')).items.map((item) => item.key)).toEqual(['a'])
})

it('deleted objects and aborted uploads leave no files or folders', async () => {
  await using temporary = await temporaryFolder()
  const { folder } = temporary
  const blobs = await fileBlobs(folder)
  await blobs.put('avatars/7/a', Buffer.from('a'), { type: 'image/png' })
  await blobs.put('avatars/8/a', Buffer.from('a'), { type: 'image/png' })
  await blobs.delete('avatars/7/a')
  expect(await readdir(join(folder, 'avatars'))).toEqual(['8'])
  await blobs.delete('avatars/8/a')
  const broken = (async function* () {
    yield Buffer.from('a')
    throw new Error('The client left.')
  })()
  await expect(blobs.put('avatars/9/a', broken, { type: 'image/png' })).rejects.toThrow()
  expect(await readdir(folder, { recursive: true })).toEqual(['.tmp'])
})

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'ego-blobs-'))
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
