import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { ownProfileSchema, profileSchema } from '../../src/profile/view.ts'
import { aPng } from '../avatar/images.ts'
import { startUsers, type TestUsers } from '../start-users.ts'

type Member = Awaited<ReturnType<TestUsers['aMember']>>
type People = { person: Member; viewer: Member; fan: Member; idol: Member }

/** A profile is of one user, and of one moment. */
type Fixed = 'user_id' | 'created_at'
type Shown = keyof (z.output<typeof profileSchema> & z.output<typeof ownProfileSchema>)

let users: TestUsers

beforeAll(async () => {
  users = await startUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const answerSchema = z.record(z.string(), z.unknown())

async function send(path: string, { headers }: Member, init: RequestInit) {
  const response = await users.request(path, { ...init, headers: { ...headers, ...init.headers } })
  expect(response.ok, await response.clone().text()).toBe(true)
}

const patch =
  (body: object) =>
  ({ person }: People) =>
    send('/users/me', person, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

const follow = (who: Member, whom: Member, method = 'PUT') =>
  send(`/users/me/following/${whom.userId}`, who, { method })

/** A field that is new in the answer does not compile before it has a change here. */
const changes: Record<Exclude<Shown, Fixed>, (people: People) => Promise<void>> = {
  username: async ({ person: { userId } }) =>
    users.tell('user.renamed.v1', userId, { username: `renamed${userId}` }),
  first_name: patch({ first_name: 'Changed' }),
  last_name: patch({ last_name: 'Changed' }),
  gender: patch({ gender: 'other' }),
  birthday: patch({ birthday: '2000-02-29' }),
  bio: patch({ bio: 'Changed' }),
  avatar: async ({ person }) =>
    send('/users/me/avatar', person, { method: 'PUT', body: new Uint8Array(await aPng()) }),
  followers: ({ idol, person }) => follow(idol, person),
  following: ({ fan, person }) => follow(person, fan),
  // The counters stay as they are: another one stops at the same time.
  async followed_by_me({ fan, person, viewer }) {
    await follow(fan, person, 'DELETE')
    await follow(viewer, person)
  },
  async follows_me({ person, idol, viewer }) {
    await follow(person, idol, 'DELETE')
    await follow(person, viewer)
  },
  hidden: ({ person }) => send('/users/me', person, { method: 'DELETE' }),
}

async function aCircle(): Promise<People> {
  const [person, viewer] = [await users.aPerson(), await users.aPerson()]
  const [fan, idol] = [await users.aPerson(), await users.aPerson()]
  await follow(fan, person)
  await follow(person, idol)
  return { person, viewer, fan, idol }
}

/** What the owner, a member and an anonymous client are answered, each with its ETag. */
async function readAll({ person, viewer }: People) {
  const paths: [string, Record<string, string>][] = [
    ['/users/me', person.headers],
    [`/users/${person.userId}`, viewer.headers],
    [`/users/${person.userId}`, {}],
  ]
  return Promise.all(
    paths.map(async ([path, headers]) => {
      const response = await users.request(path, { headers })
      const etag = response.headers.get('etag')
      const answer = answerSchema.parse(await response.json())
      return { path, headers, status: response.status, etag, answer }
    }),
  )
}

test.each(Object.entries(changes))('another %s is another ETag', async (field, change) => {
  const people = await aCircle()
  const before = await readAll(people)
  await change(people)
  const after = await readAll(people)
  let changed = 0
  for (const [index, now] of after.entries()) {
    const { etag, answer } = before[index] ?? now
    if (now.status !== 200 || !(field in answer)) continue
    changed += 1
    expect(now.answer).toEqual({ ...answer, [field]: now.answer[field] })
    expect(now.answer[field]).not.toEqual(answer[field])
    expect(now.etag).not.toBe(etag)
    const again = await users.request(now.path, {
      headers: { ...now.headers, 'if-none-match': etag ?? '' },
    })
    expect(again.status).toBe(200)
  }
  expect(changed).toBeGreaterThan(0)
})

test('the ETag stays while nothing changes, and no two readers share one', async () => {
  const people = await aCircle()
  const tags = async () => (await readAll(people)).map(({ etag }) => etag)
  const before = await tags()
  await patch({ bio: '' })(people)
  expect(await tags()).toEqual(before)
  expect(new Set(before).size).toBe(before.length)
})
