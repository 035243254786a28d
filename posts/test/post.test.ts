import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anEvent, startPosts, type TestPosts } from './start-posts.ts'

let posts: TestPosts

beforeAll(async () => {
  posts = await startPosts()
})
afterAll(() => posts[Symbol.asyncDispose]())

describe('a new post', () => {
  test('is answered as it is stored, and its event is written', async () => {
    const response = await posts.write('My test text post!', 1, { 'x-request-id': 'trace-2' })
    expect(response.status).toBe(201)
    const post = Object(await response.json())
    expect(post).toEqual({
      post_id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7/),
      creator_id: 1,
      text_content: 'My test text post!',
      created_at: expect.stringMatching(/Z$/),
      updated_at: post.created_at,
      author: null,
    })
    expect(response.headers.get('location')).toBe(`/posts/${post.post_id}`)
    const events = await posts.sql`
      select type, key, payload->>'post_id' as post_id, request_id
      from outbox`
    expect([...events]).toEqual([
      { type: 'post.created.v1', key: '1', post_id: post.post_id, request_id: 'trace-2' },
    ])
  })

  test('of many that come at once goes to its writer, and the events of one statement are in the order of their ids', async () => {
    const writers = Array.from({ length: 60 }, (_, n) => 700 + (n % 3))
    // The first post of a writer is written alone.
    for (const id of [700, 701, 702]) await posts.write('first', id)
    const answers = await Promise.all(
      writers.map((id, n) => posts.write(`at once ${n}`, id, { 'x-request-id': `at-once-${n}` })),
    )
    const written = await Promise.all(answers.map(async (answer) => Object(await answer.json())))
    expect(written).toMatchObject(
      writers.map((creator_id, n) => ({ creator_id, text_content: `at once ${n}` })),
    )
    const events = await posts.sql`
      select
        payload->>'post_id' as post_id, key, payload->>'text_content' as text, request_id,
        payload->>'created_at' as together
      from outbox
      where request_id like 'at-once-%'
      order by position`
    const told = written.map(({ post_id, creator_id, text_content: text, created_at }, n) => {
      const key = String(creator_id)
      return { post_id, key, text, request_id: `at-once-${n}`, together: created_at }
    })
    expect(new Set(events)).toEqual(new Set(told))
    // Posts of one statement have one time; two statements at once may interleave.
    for (const ofOne of Map.groupBy(events, ({ key, together }) => `${key} ${together}`).values()) {
      const ids = ofOne.map(({ post_id }) => String(post_id))
      expect(ids).toEqual(ids.toSorted())
    }
  })

  test('waits for its writer who is just being changed, and other posts do not', async () => {
    const changed = [801, 802, 803]
    for (const id of [...changed, 804]) await posts.write('first', id)
    let waiting: Promise<Response[]> = Promise.resolve([])
    await posts.sql.begin(async (tx) => {
      await tx`
        select 1
        from author
        where user_id = any(${changed}::bigint[])
        for update`
      // More of them than there are connections.
      const later = [...changed, ...Array.from({ length: 20 }, () => 801)]
      waiting = Promise.all(later.map((id) => posts.write('later', id)))
      expect((await posts.write('now', 804)).status).toBe(201)
      expect((await posts.write('once more', 804)).status).toBe(201)
      const blocked = () => posts.sql`
        select 1
        from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      await expect.poll(blocked).toHaveLength(3)
    })
    expect(new Set((await waiting).map(({ status }) => status))).toEqual(new Set([201]))
  })

  test('carries the card of its author once both events about them have arrived', async () => {
    const names = { first_name: 'Ada', last_name: 'L.' }
    await posts.bus.publish([anEvent('profile.completed.v1', { user_id: 5, ...names })])
    expect(await (await posts.write('one', 5)).json()).toMatchObject({ author: null })
    await posts.bus.publish([anEvent('user.registered.v1', { user_id: 5, username: 'ada' })])
    expect(await (await posts.write('two', 5)).json()).toMatchObject({
      author: { user_id: 5, username: 'ada', ...names, avatar_url: null },
    })
  })

  test('shows the new name of an author who was renamed, and goes with an erased one', async () => {
    await posts.bus.publish([anEvent('user.registered.v1', { user_id: 6, username: 'old' })])
    await posts.bus.publish([
      anEvent('profile.completed.v1', { user_id: 6, first_name: 'A', last_name: 'B' }),
    ])
    await posts.write('erasable', 6)
    await posts.bus.publish([anEvent('user.renamed.v1', { user_id: 6, username: 'new' })])
    const find = async () => Object(await (await posts.request('/posts?creator_id=6')).json()).items
    expect(await find()).toMatchObject([{ author: { username: 'new' } }])
    await posts.bus.publish([anEvent('user.deleted.v1', { user_id: 6 })])
    expect(await find()).toEqual([])
    const rows = await posts.sql`
      select username, first_name, avatar_url, is_deleted
      from author
      where user_id = 6`
    const nothing = { username: null, first_name: null, avatar_url: null, is_deleted: true }
    expect([...rows]).toEqual([nothing])
  })

  test.each([
    'a',
    ' kept  exactly \n\tas it is ',
    'x'.repeat(5_000),
    '👩‍👩‍👧'.repeat(5_000),
    "'; drop table post; --",
    '\u202eright to left',
  ])('of the text %j is stored exactly', async (text) => {
    const response = await posts.write(text)
    expect(response.status).toBe(201)
    expect(await response.json()).toMatchObject({ text_content: text })
  })

  test.each([
    '',
    ' \n ',
    'x'.repeat(5_001),
    '👩‍👩‍👧'.repeat(5_001),
    'nul\0',
    'alarm\u0007',
    'half \ud83d',
    null,
    ['text'],
  ])('of the text %j is 422', async (text) => {
    const response = await posts.write(text)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '#/text_content' }] })
  })

  test('without a token is 401', async () => {
    const response = await posts.request('/posts', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"text_content":"text"}',
    })
    expect(response.status).toBe(401)
  })

  test('with a forged identity is 401 and nothing is written', async () => {
    const forged = { 'x-user-id': '2' }
    expect((await posts.write('forged', 1, forged)).status).toBe(401)
    const rows = await posts.sql`select 1 from post where text_content = 'forged'`
    expect(rows).toHaveLength(0)
  })
})
