import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mountCreateProfile } from '../../src/profile/create.ts'
import { profileFields } from '../../src/profile/fields.ts'
import { postgresProfiles } from '../../src/profile/store-postgres.ts'
import { mounted } from '../mounted.ts'
import { aProfile, aRegisteredEvent, startUsers, type TestUsers } from '../start-users.ts'

let users: TestUsers

beforeAll(async () => {
  users = await startUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const complete = (headers: Record<string, string>, body: unknown = aProfile()) =>
  users.request('/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('completing a registration', () => {
  test('is answered with the profile, which its owner reads again', async () => {
    const { userId, username, headers } = await users.aMember()
    const response = await complete(headers, aProfile({ first_name: '  Ada ' }))
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe(`/users/${userId}`)
    const profile = await response.json()
    expect(profile).toEqual({
      user_id: userId,
      username,
      first_name: 'Ada',
      last_name: 'Test',
      gender: 'male',
      birthday: '2023-07-18',
      bio: '',
      avatar: null,
      followers: 0,
      following: 0,
      created_at: expect.stringMatching(/Z$/),
      hidden: false,
    })
    const own = await users.request('/users/me', { headers })
    expect(own.status).toBe(200)
    expect(await own.json()).toEqual(profile)
  })

  test('writes one event', async () => {
    const { userId, headers } = await users.aMember()
    await complete({ ...headers, 'x-request-id': 'trace-1' })
    const events = await users.sql`
      select type, payload, request_id
      from outbox
      where key = ${String(userId)}`
    expect([...events]).toEqual([
      {
        type: 'profile.completed.v1',
        payload: { user_id: userId, first_name: 'Test', last_name: 'Test' },
        request_id: 'trace-1',
      },
    ])
  })

  test('a second time is 409 and changes nothing', async () => {
    const { userId, headers } = await users.aMember()
    await complete(headers)
    const response = await complete(headers, aProfile({ first_name: 'Other' }))
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code: 'profile_exists' })
    const rows = await users.sql`select first_name from profile where user_id = ${userId}`
    expect([...rows]).toEqual([{ first_name: 'Test' }])
    const events = await users.sql`select 1 from outbox where key = ${String(userId)}`
    expect(events).toHaveLength(1)
  })

  test('before the event of the registration waits for it', async () => {
    const headers = await users.identity.headers({ userId: 900 })
    const arrives = users.onSleep(() => users.bus.publish([aRegisteredEvent(900, 'late')]))
    expect((await complete(headers)).status).toBe(201)
    await arrives
  })

  test('of an account that never arrives is 503 and says when to come back', async () => {
    const response = await complete(await users.identity.headers({ userId: 901 }))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await response.json()).toMatchObject({ code: 'account_not_ready' })
  })

  test('of an account that is erased meanwhile is 503, and not told of a profile', async () => {
    const request = mounted((app) =>
      mountCreateProfile(app, {
        accounts: { find: async (userId) => ({ userId, username: 'erased' }) },
        profiles: postgresProfiles(users.sql),
        now: Date.now,
        sleep: async () => {},
      }),
    )
    await expect(request(902, 'POST', '/users', aProfile())).rejects.toMatchObject({
      code: 'account_not_ready',
    })
    expect(await users.events(902)).toEqual([])
  })

  test.each([
    ['2026-03-05T09:59:59Z', '2026-03-05', true],
    ['2026-03-05T09:59:59Z', '2026-03-06', false],
    ['2026-03-05T10:00:00Z', '2026-03-06', true],
    ['2026-03-05T10:00:00Z', '2026-03-07', false],
    ['2026-03-05T23:59:59Z', '2026-03-07', false],
  ])('at %s may have the birthday %s: %s', (time, birthday, isTaken) => {
    const fields = profileFields(() => Date.parse(time))
    expect(fields.birthday.safeParse(birthday).success).toBe(isTaken)
  })

  test('with a birthday in two days is 422', async () => {
    const { headers } = await users.aMember()
    const birthday = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)
    const response = await complete(headers, aProfile({ birthday }))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '#/birthday' }] })
  })

  test.each([
    ['first_name', ''],
    ['first_name', '   '],
    ['first_name', 'a'.repeat(65)],
    ['first_name', 'two\nlines'],
    ['last_name', 'nul\0'],
    ['last_name', '\ud800'],
    ['gender', 'none'],
    ['birthday', '2023-02-30'],
    ['birthday', '1899-12-31'],
    ['birthday', '2999-01-01'],
    ['birthday', '18.07.2023'],
    ['birthday', 20230718],
    ['bio', 'a'.repeat(257)],
    ['bio', 'sound\u0007'],
  ])('with the %s %j is 422 and points to it', async (field, value) => {
    const { headers } = await users.aMember()
    const response = await complete(headers, aProfile({ [field]: value }))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer: `#/${field}` }] })
  })

  test.each([
    { first_name: '👩‍👩‍👧'.repeat(2), last_name: 'שלום' },
    { first_name: 'a'.repeat(64), bio: 'line one\nline two' },
    { first_name: '🙂'.repeat(64), birthday: '1900-01-01' },
    { gender: 'other', birthday: new Date().toISOString().slice(0, 10) },
  ])('with %j is taken as it is', async (changes) => {
    const { headers } = await users.aMember()
    const response = await complete(headers, aProfile(changes))
    expect(response.status).toBe(201)
    expect(await response.json()).toMatchObject(changes)
  })
})

describe('an own profile', () => {
  test('shows the new name of a renamed account, and goes with an erased one', async () => {
    const { userId, headers } = await users.aMember()
    await complete(headers)
    const event = aRegisteredEvent(userId, 'renamed')
    await users.bus.publish([{ ...event, type: 'user.renamed.v1' }])
    const read = () => users.request('/users/me', { headers })
    expect(await (await read()).json()).toMatchObject({ username: 'renamed' })
    const erased = { ...event, id: crypto.randomUUID(), type: 'user.deleted.v1' }
    await users.bus.publish([erased])
    expect((await read()).status).toBe(404)
    expect(await users.sql`select 1 from profile where user_id = ${userId}`).toHaveLength(0)
  })

  test('that was never completed is 404 and says what to do', async () => {
    const { headers } = await users.aMember()
    const response = await users.request('/users/me', { headers })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'profile_not_found' })
  })

  test('without a caller is 401', async () => {
    expect((await users.request('/users/me')).status).toBe(401)
    expect((await complete({})).status).toBe(401)
  })

  test('with a forged identity header is 401', async () => {
    const response = await users.request('/users/me', { headers: { 'X-User-ID': '1' } })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'identity_not_trusted' })
  })
})
