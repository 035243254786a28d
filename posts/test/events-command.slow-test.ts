import { randomUUID } from 'node:crypto'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { connectPostgres } from '@ego/kit/postgres/postgres'
import { createLog } from '@ego/kit/process/log'
import { type TestDatabase, testDatabase } from '@ego/kit/testing/database'
import { testIdentity, testIssuer } from '@ego/kit/testing/identity'
import { runEventsCommand } from '@ego/kit/testing/program'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { wirePosts } from '../src/wire.ts'
import { anEvent } from './start-posts.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase('posts')
})
afterAll(() => database[Symbol.asyncDispose]())

const events = (...words: string[]) => runEventsCommand(words, { DATABASE_URL: database.url })

async function asOwner(statement: string): Promise<void> {
  await using owner = connectPostgres({ url: database.ownerUrl, max: 1 })
  await owner.script(statement)
}

/** Handled by the service itself: one event that its database refuses, and one that cannot be applied. */
async function startWithDeadLetters() {
  const config = loadConfig({
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    ISSUER: testIssuer,
  })
  const bus = memoryBus({ consumers: ['posts'] })
  const { fetch } = await testIdentity()
  await using service = await wirePosts(config, { log: createLog('posts', 'silent'), bus, fetch })
  await asOwner(`alter table author add constraint refused check (username <> 'private')`)
  const refused = anEvent('user.registered.v1', { user_id: 1, username: 'private' })
  const misfit = anEvent('user.registered.v1', { user_id: 2, other: 'private' })
  await bus.publish([refused, misfit])
  const letters = () => database.sql`select 1 from dead_letter`
  await expect.poll(letters).toHaveLength(2)
  const metrics = await (await service.app.request('/metrics')).text()
  expect(metrics).toContain('dead_letters{service="posts"} 2')
  expect(metrics).toContain('search_stale_posts{service="posts"} 0')
  return { refused, misfit }
}

test('an operator sees dead letters without their payload, replays one and discards one', async () => {
  const { refused, misfit } = await startWithDeadLetters()
  expect(await events('lag', 'posts')).toEqual({
    code: 0,
    output: 'posts  no events wait, 2 dead letters\n',
    errors: '',
  })
  const listed = await events('dead', 'posts')
  expect(listed.output).toMatch(/^posts has 2 dead letters:\n/)
  expect(listed.output).toContain(`${refused.id}  user.registered.v1  key 1\n`)
  expect(listed.output).toContain('after 5 attempts: error: new row for relation "author"')
  expect(listed.output).toContain('payload: user_id, username\n')
  expect(listed.output).not.toContain('private')
  expect((await events('show', 'posts', misfit.id)).output).toContain('"other": "private"')

  const early = await events('replay', 'posts', refused.id)
  expect(early).toMatchObject({ code: 1, output: '' })
  expect(early.errors).toMatch(/^\S+ failed again, and stays a dead letter: error: new row .*\n$/)
  await asOwner('alter table author drop constraint refused')
  const replayed = await events('replay', 'posts', 'all')
  expect(replayed.output).toMatch(/^posts has applied 1; 1 failed\.\n\S+ failed again, /)
  expect(replayed.code).toBe(1)
  const authors = await database.sql`select user_id, username from author`
  expect(authors).toEqual([{ user_id: 1, username: 'private' }])

  const discarded = `${misfit.id}, user.registered.v1, was discarded: posts will never apply it.\n`
  expect(await events('discard', 'posts', misfit.id)).toMatchObject({ code: 0, output: discarded })
  const none = { code: 0, output: 'posts has no dead letters.\n' }
  expect(await events('dead', 'posts')).toMatchObject(none)
})

test('lag tells how much waits in the outbox, and how long', async () => {
  await database.sql`
    insert into outbox (type, key, payload, occurred_at)
    select 'post.created.v1', '1', '{}', now() - interval '10 minutes'
    from generate_series(1, 3)`
  const { output } = await events('lag', 'posts')
  expect(output).toBe('posts  3 events not published, the oldest for 10 min, no dead letters\n')
})

const unknownId = randomUUID()

test.each([
  [['dead', 'notes'], /^There is no service 'notes': there are auth, users, posts, mail\.\n$/],
  [['lag'], /^DATABASE_URL is the database of one service: name the service, /],
  [['lag', 'users'], /^This is not the database of users: set its DATABASE_URL\.\n$/],
  [['replay', 'posts', 'one'], /^'one' is not the id of an event\.\n$/],
  [['replay', 'posts', unknownId], new RegExp(`^posts has no dead letter ${unknownId}: `)],
  [['discard', 'posts', unknownId], new RegExp(`^posts has no dead letter ${unknownId}: `)],
])('%j is a sentence and exit 1', async (words, sentence) => {
  const { code, output, errors } = await events(...words)
  expect(errors).toMatch(sentence)
  expect({ code, output }).toEqual({ code: 1, output: '' })
})

test.each([[[]], [['frobnicate']], [['replay', 'posts']], [['dead', 'posts', 'twice']]])(
  '%j is not understood: usage and exit 2',
  async (words) => {
    const { code, errors } = await events(...words)
    expect(code).toBe(2)
    expect(errors).toContain('Usage: npm run events')
  },
)
