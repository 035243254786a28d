import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@ego/kit/postgres/embedded/start'
import { openDatabase } from '@ego/kit/postgres/open-database'
import { createServiceDatabase } from '@ego/kit/postgres/service-database'
import { secrets } from '@ego/kit/process/data-folder'
import { runFile } from '@ego/kit/testing/program'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSearch, type TestSearch } from './start-search.ts'

let search: TestSearch
let folder = ''

beforeAll(async () => {
  search = await startSearch()
  folder = await mkdtemp(join(tmpdir(), 'ego commands '))
})
afterAll(async () => {
  await search[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const file = new URL('../src/commands/search.ts', import.meta.url)

/** On the database of the test unless the environment says otherwise. */
function run(words: string[], environment: NodeJS.ProcessEnv = { DATABASE_URL: search.url }) {
  return runFile(file, words, environment, folder)
}

describe('npm run search', () => {
  test('reindex builds the index of all posts', async () => {
    await search.writeMany(3, 'word')
    const { code, output } = await run(['reindex'])
    expect(output).toMatch(/^The new index holds 3 posts and is in use; it took \d+\.\d s\.\n$/)
    expect(code).toBe(0)
    expect(await search.find('word')).toHaveLength(3)
  })

  test('reindex is one sentence while another process does it', async () => {
    await using _ = await search.source.lockRebuild()
    const { code, errors } = await run(['reindex'])
    expect(code).toBe(1)
    expect(errors).toBe('The index is being rebuilt already: wait until that has ended.\n')
  })

  test('clean drops what a broken rebuild has left, and says when there is nothing', async () => {
    await search.clear()
    await search.write('word')
    await run(['reindex'])
    const none = 'Nothing to drop: there is no copy but the one in use.\n'
    expect(await run(['clean'])).toMatchObject({ code: 0, output: none })
    await search.index.beginRebuild()
    const { code, output } = await run(['clean'])
    expect(output).toMatch(/^generation \d+ was dropped\.\n$/)
    expect(code).toBe(0)
    expect(await search.find('word')).toHaveLength(1)
  })

  test('clean leaves what another process is building, and says so', async () => {
    await using lock = await search.source.lockRebuild()
    const rebuild = await search.index.beginRebuild()
    const { code, errors } = await run(['clean'])
    expect(code).toBe(1)
    expect(errors).toBe(
      'The index is being rebuilt: what is left is dropped once that has ended.\n',
    )
    await rebuild.finish()
    expect(lock).not.toBeNull()
  })

  test('check names the differences, mends them, and exits with 3', async () => {
    await search.clear()
    const summary = /^posts {10}2 {2}([\da-f]{16})\nindex {10}(\d) {2}([\da-f]{16})\n/
    const postId = await search.write('one')
    await search.write('two')
    await search.sql`delete from search_stale where post_id = ${postId}`
    const waiting = await run(['check'])
    expect(waiting.output).toMatch(/^posts {10}1 .*\nindex {10}0 .*\n1 not compared: they have ju/)
    expect(waiting.output).toContain(`1 different, and mended:\n  ${postId}  was not found\n`)
    expect(waiting.code).toBe(3)
    await run(['reindex'])
    await search.sql`update post set revision = 2 where post_id = ${postId}`
    const changed = await run(['check'])
    expect(changed.output).toMatch(summary)
    expect(changed.output).toContain(`\n  ${postId}  was found as revision 1, and is 2\n`)
    expect(changed.code).toBe(3)
    const fine = await run(['check'])
    const [, posts, , index] = summary.exec(fine.output) ?? []
    expect(posts).toBe(index)
    expect(fine.output).toMatch(/\nThey are the same\.\n$/)
    expect(fine.code).toBe(0)
    await search.sql`delete from post`
    const gone = await run(['check'])
    expect(gone.output).toContain(`\n  ${postId}  was found, and is not there\n`)
    expect(gone.code).toBe(3)
  })

  test.each([[[]], [['frobnicate']], [['check', 'twice']], [['check', '--frobnicate']]])(
    '%j is not understood: usage and exit 2',
    async (words) => {
      const { code, output, errors } = await run(words)
      expect({ code, output }).toEqual({ code: 2, output: '' })
      expect(errors).toMatch(/^[^\n]+\n\nUsage: npm run search /)
    },
  )

  test('without a database is one sentence', async () => {
    const none = await run(['check'], {})
    expect(none).toMatchObject({ code: 1, output: '' })
    expect(none.errors).toMatch(/^No platform is running on .*\n$/)
    const away = { DATABASE_URL: 'postgres://stranger:nothing@127.0.0.1:1/posts' }
    const errors = 'The database of posts cannot be reached. Is it running?\n'
    expect(await run(['reindex'], away)).toMatchObject({ code: 1, errors })
  })

  test('finds the database of an embedded platform by its data folder', async () => {
    const data = join(folder, 'data')
    const postgres = await startEmbeddedPostgres({ folder: join(data, 'postgres') })
    const secret = await secrets(data, ['posts_app', 'posts_owner'])
    await createServiceDatabase(postgres.adminUrl, {
      name: 'posts',
      ownerPassword: secret.posts_owner,
      appPassword: secret.posts_app,
    })
    const url = (user: 'posts_app' | 'posts_owner') =>
      postgres.url('posts', { user, password: secret[user] })
    const config = { DATABASE_URL: url('posts_app'), DATABASE_OWNER_URL: url('posts_owner') }
    const migrations = new URL('../migrations/', import.meta.url)
    await (await openDatabase({ service: 'posts', config, migrations }))[Symbol.asyncDispose]()

    expect(await run(['check', '--data', 'data'], {})).toMatchObject({ code: 0 })
    expect(await run(['reindex'], { EGO_DATA: data })).toMatchObject({ code: 0 })
    await postgres.stop()
    expect((await run(['check'], { EGO_DATA: data })).errors).toMatch(/^No platform is running /)
  })
})
