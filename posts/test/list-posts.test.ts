import { explained } from '@ego/kit/testing/explained'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresPosts } from '../src/post/store-postgres.ts'
import { anEvent, startPosts, type TestPosts } from './start-posts.ts'

let posts: TestPosts

beforeAll(async () => {
  posts = await startPosts()
})
afterAll(() => posts[Symbol.asyncDispose]())

let writers = 100
const aWriter = () => {
  writers += 1
  return writers
}

describe('a list', () => {
  const list = async (parameters: Record<string, string>) => {
    const response = await posts.request(`/posts?${new URLSearchParams(parameters)}`)
    expect(response.status).toBe(200)
    const { items, next_cursor } = Object(await response.json())
    const texts: string[] = items.map((item: { text_content: string }) => item.text_content)
    return { texts, next: next_cursor === null ? null : String(next_cursor) }
  }

  test('of a writer is newest first, in pages without gaps while posts are added', async () => {
    const userId = aWriter()
    for (let n = 1; n <= 5; n += 1) await posts.write(`post ${n}`, userId)
    const creator_id = String(userId)
    const found: string[] = []
    let cursor: string | null = null
    do {
      const at: Record<string, string> = cursor === null ? {} : { cursor }
      const page = await list({ creator_id, limit: '2', ...at })
      found.push(...page.texts)
      cursor = page.next
      await posts.write('later', userId)
    } while (cursor !== null)
    expect(found).toEqual(['post 5', 'post 4', 'post 3', 'post 2', 'post 1'])
  })

  test('without a writer holds the posts of all', async () => {
    const [one, other] = [aWriter(), aWriter()]
    await posts.write('of one', one)
    await posts.write('of the other', other)
    expect((await list({ limit: '2' })).texts).toEqual(['of the other', 'of one'])
  })

  test.each(['999999999', '0', '9'.repeat(30)])('of the unknown writer %s is empty', async (id) => {
    expect(await list({ creator_id: id })).toEqual({ texts: [], next: null })
  })

  test.each([{ cursor: 'forged' }, { limit: '0' }, { creator_id: 'ada' }, { page: '2' }] as Record<
    string,
    string
  >[])('with %j is 422', async (parameters) => {
    const response = await posts.request(`/posts?${new URLSearchParams(parameters)}`)
    expect(response.status).toBe(422)
  })
})

describe('twenty thousand newest posts of a disabled writer', () => {
  const [loud, quiet] = [aWriter(), aWriter()]
  beforeAll(async () => {
    for (let n = 0; n < 25; n += 1) await posts.write(`below ${n}`, quiet)
    await posts.sql`
      insert into author (user_id)
      select 1000000 + n
      from generate_series(1, 5000) as n`
    await posts.sql`
      insert into post (creator_id, text_content)
      select ${loud}::bigint, 'loud ' || n
      from generate_series(1, 20000) as n`
    await posts.bus.publish([anEvent('user.disabled.v1', { user_id: loud })])
  })

  test.each(['force_generic_plan', 'force_custom_plan'])(
    'cost no look at their writer each, under %s',
    async (planMode) => {
      const list = (creatorId: number | null) =>
        explained(posts.sql, planMode, (sql) =>
          postgresPosts(sql).list({ creatorId, before: null, limit: 21 }),
        )
      const all = await list(null)
      expect(all.rows).toBe(21)
      expect(all.rowsRead('author')).toBeLessThanOrEqual(5_100)
      expect(all.blocks).toBeLessThan(2_000)
      const ofOne = await list(loud)
      expect(ofOne.rows).toBe(0)
      expect(ofOne.rowsRead('post')).toBe(0)
      expect(ofOne.rowsRead('author')).toBeLessThanOrEqual(1)
    },
  )
})
