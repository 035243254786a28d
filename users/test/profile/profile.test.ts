import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startUsers, type TestUsers } from '../start-users.ts'

let users: TestUsers

beforeAll(async () => {
  users = await startUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

type Headers = Record<string, string>
const read = (id: number | string, headers: Headers = {}) =>
  users.request(`/users/${id}`, { headers })
const send = (method: string, path: string, headers: Headers, body?: unknown) =>
  users.request(path, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
const change = (headers: Headers, body: unknown) => send('PATCH', '/users/me', headers, body)
const hide = (headers: Headers) => send('DELETE', '/users/me', headers)
const restore = (headers: Headers) => send('POST', '/users/me/restore', headers)
const typesOf = async (userId: number) => (await users.events(userId)).map(({ type }) => type)

describe('a profile', () => {
  test('is read by any client, without what is only for its owner or for members', async () => {
    const { userId, username } = await users.aPerson({ bio: 'I am' })
    const response = await read(userId)
    expect(response.status).toBe(200)
    const profile = await response.json()
    expect(profile).toMatchObject({ user_id: userId, username, bio: 'I am', avatar: null })
    for (const field of ['hidden', 'followed_by_me', 'follows_me']) {
      expect(profile).not.toHaveProperty(field)
    }
    const viewer = await users.aMember()
    expect(await (await read(userId, viewer.headers)).json()).toMatchObject({
      followed_by_me: false,
      follows_me: false,
    })
  })

  test('that has not changed is 304, and 200 with another tag once it has', async () => {
    const { userId, headers } = await users.aPerson()
    const first = await read(userId)
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('cache-control')).toBe('no-cache')
    const again = await read(userId, { 'if-none-match': `"other", ${etag}` })
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
    await change(headers, { bio: 'new' })
    const changed = await read(userId, { 'if-none-match': etag })
    expect(changed.status).toBe(200)
    expect(changed.headers.get('etag')).not.toBe(etag)
    const own = await users.request('/users/me', { headers })
    const ownAgain = await users.request('/users/me', {
      headers: { ...headers, 'if-none-match': own.headers.get('etag') ?? '' },
    })
    expect(ownAgain.status).toBe(304)
  })

  test.each(['0', '-1', '999999', '9007199254740993', '1'.repeat(40)])(
    'of the id %s is 404',
    async (id) => {
      const response = await read(id)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'user_not_found' })
    },
  )

  test.each(['alice', '1.5', '1e3', '0x10', '%00', ' 1', "1'--"])(
    'of %j, which is no number, is 422',
    async (id) => {
      const response = await read(encodeURIComponent(id))
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({ errors: [{ pointer: '#/user_id' }] })
    },
  )
})

describe('a change', () => {
  test('leaves the omitted fields, tells of the card and shows in the next answer', async () => {
    const { userId, headers } = await users.aPerson({ bio: 'old' })
    await read(userId)
    const response = await change(headers, { first_name: 'Ada', birthday: '1990-12-31' })
    expect(response.status).toBe(200)
    const expected = { first_name: 'Ada', last_name: 'Test', birthday: '1990-12-31', bio: 'old' }
    expect(await response.json()).toMatchObject(expected)
    expect(await (await read(userId)).json()).toMatchObject(expected)
    expect((await users.events(userId)).at(-1)).toEqual({
      type: 'profile.updated.v1',
      payload: { user_id: userId, first_name: 'Ada', last_name: 'Test', avatar_url: null },
    })
  })

  test('that changes nothing is 200 and appends no event', async () => {
    const { userId, headers } = await users.aPerson()
    expect((await change(headers, {})).status).toBe(200)
    expect((await change(headers, { first_name: 'Test', bio: '' })).status).toBe(200)
    expect(await typesOf(userId)).toEqual(['profile.completed.v1'])
  })

  test('can empty the bio', async () => {
    const { headers } = await users.aPerson({ bio: 'old' })
    expect(await (await change(headers, { bio: '' })).json()).toMatchObject({ bio: '' })
  })

  test.each([
    [{ first_name: '' }, '#/first_name'],
    [{ last_name: 'a'.repeat(65) }, '#/last_name'],
    [{ birthday: '2023-02-30' }, '#/birthday'],
    [{ gender: null }, '#/gender'],
    [{ username: 'other' }, '#/username'],
    [{ user_id: 1 }, '#/user_id'],
  ])('to %j is 422 and changes nothing', async (body, pointer) => {
    const { userId, headers } = await users.aPerson()
    const response = await change(headers, body)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] })
    expect(await typesOf(userId)).toEqual(['profile.completed.v1'])
  })

  test('by the own id works, by the id of another is 403', async () => {
    const [own, other] = [await users.aPerson(), await users.aPerson()]
    const mine = await send('PATCH', `/users/${own.userId}`, own.headers, { bio: 'mine' })
    expect(mine.status).toBe(200)
    const theirs = await send('PATCH', `/users/${other.userId}`, own.headers, { bio: 'mine' })
    expect(theirs.status).toBe(403)
    expect(await theirs.json()).toMatchObject({ code: 'not_your_profile' })
    expect(await (await read(other.userId)).json()).toMatchObject({ bio: '' })
  })

  test('without a profile is 404, without a caller 401', async () => {
    const { headers } = await users.aMember()
    const response = await change(headers, { bio: 'x' })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'profile_not_found' })
    expect((await change({}, { bio: 'x' })).status).toBe(401)
    expect((await hide(headers)).status).toBe(404)
    expect((await restore(headers)).status).toBe(404)
  })

  test('of one profile twenty times at once loses no field', async () => {
    const { userId, headers } = await users.aPerson()
    const bodies = Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0 ? { first_name: `first ${n}` } : { last_name: `last ${n}` },
    )
    const answers = await Promise.all(bodies.map((body) => change(headers, body)))
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200))
    const profile = await (await read(userId)).json()
    expect(profile).toMatchObject({
      first_name: expect.stringMatching(/^first/),
      last_name: expect.stringMatching(/^last/),
    })
    const { avatar_url, ...told } = Object((await users.events(userId)).at(-1)?.payload)
    expect(profile).toMatchObject(told)
  })
})

describe('a hidden profile', () => {
  test('is seen by its owner alone, and comes back with what was changed meanwhile', async () => {
    const { userId, headers } = await users.aPerson()
    expect((await read(userId)).status).toBe(200)
    expect((await hide(headers)).status).toBe(204)
    expect((await hide(headers)).status).toBe(204)
    expect((await read(userId)).status).toBe(404)
    const own = await users.request('/users/me', { headers })
    expect(await own.json()).toMatchObject({ hidden: true })
    await change(headers, { first_name: 'Changed' })
    const restored = await restore(headers)
    expect(restored.status).toBe(200)
    expect(await restored.json()).toMatchObject({ hidden: false, first_name: 'Changed' })
    expect((await restore(headers)).status).toBe(200)
    expect(await (await read(userId)).json()).toMatchObject({ first_name: 'Changed' })
    expect(await users.events(userId)).toMatchObject([
      { type: 'profile.completed.v1' },
      { type: 'profile.hidden.v1', payload: { user_id: userId } },
      { type: 'profile.updated.v1' },
      { type: 'profile.restored.v1', payload: { first_name: 'Changed', avatar_url: null } },
    ])
  })

  test('cannot be completed again', async () => {
    const { headers } = await users.aPerson()
    await hide(headers)
    const body = { first_name: 'A', last_name: 'B', gender: 'other', birthday: '2000-01-01' }
    const response = await send('POST', '/users', headers, body)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code: 'profile_exists' })
  })
})
