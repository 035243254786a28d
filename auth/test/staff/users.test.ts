import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRegistration } from '../start-auth.ts'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff
let asked: TestStaff['asked']

beforeAll(async () => {
  given = await startStaff()
  asked = given.asked
})
afterAll(() => given[Symbol.asyncDispose]())

test('every operation for staff refuses all other callers, and says so', async () => {
  const { paths } = Object(await (await given.auth.request('/auth/openapi.json')).json())
  const identity = await given.identityOf(await given.aMember(['editor']))
  const operations = Object.entries<object>(paths)
    .filter(([path]) => path.startsWith('/auth/admin/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, its]) => [method, path, its]),
    )
  expect(operations.length).toBeGreaterThanOrEqual(7)
  for (const [method, path, { responses }] of operations) {
    const sent = [method.toUpperCase(), path.replace('{user_id}', String(given.staff.id))] as const
    expect((await given.send({}, ...sent)).status).toBe(401)
    const response = await given.send(identity, ...sent)
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ code: 'staff_only' })
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '503']))
  }
})

describe('the list of users', () => {
  test.each([
    ['username', { username: 'Findable_One' }, 'dABLE_o'],
    ['e-mail', { user_email: 'a_b@Findable.example' }, 'A_b@FIND'],
  ])('finds a part of the %s in any case, and takes it literally', async (_, changes, query) => {
    const registration = aRegistration(changes)
    await given.auth.post('/auth/registration', registration)
    // Only a pattern would match these.
    const others = { username: 'FindableXOne', user_email: 'axb@findable.example' }
    await given.auth.post('/auth/registration', aRegistration(others))
    const { items } = await asked(
      200,
      'GET',
      `/auth/admin/users?query=${encodeURIComponent(query)}`,
    )
    expect(items).toMatchObject([{ username: registration.username }])
  })

  test('is filtered by status and role', async () => {
    const member = await given.aMember(['reviewer'])
    const path = '/auth/admin/users?role=reviewer&status='
    expect((await asked(200, 'GET', `${path}active`)).items).toEqual([
      {
        user_id: member.id,
        username: member.username,
        user_email: member.user_email,
        email_verified: false,
        status: 'active',
        roles: ['reviewer'],
        created_at: expect.any(String),
      },
    ])
    expect((await asked(200, 'GET', `${path}disabled`)).items).toEqual([])
  })

  test('is paged from the newest to the oldest, each once', async () => {
    const ids: number[] = []
    let cursor = ''
    do {
      const page = await asked(200, 'GET', `/auth/admin/users?limit=2${cursor}`)
      ids.push(...page.items.map((user: { user_id: number }) => user.user_id))
      cursor = page.next_cursor && `&cursor=${page.next_cursor}`
    } while (cursor)
    const rows = await given.auth.sql<{ user_id: number }[]>`
      select user_id from account order by user_id desc`
    expect(ids).toEqual(rows.map((row) => row.user_id))
  })

  test.each(['status=gone', 'role=a,b', 'limit=0', 'cursor=nonsense', 'query=%00', 'name=x'])(
    'with ?%s is 422',
    async (query) => {
      await asked(422, 'GET', `/auth/admin/users?${query}`)
    },
  )
})

describe('a user created by staff', () => {
  test('can sign in with the given password and has the given roles', async () => {
    const registration = aRegistration({ roles: ['staff', 'editor', 'staff'] })
    const user = await asked(201, 'POST', '/auth/admin/users', registration)
    expect(user).toMatchObject({ roles: ['editor', 'staff'], status: 'active' })
    expect(await given.login(registration)).toBe(200)
    expect(await asked(200, 'GET', `/auth/admin/users/${user.user_id}`)).toEqual(user)
    await asked(204, 'DELETE', `/auth/admin/users/${user.user_id}`)
  })

  test('without a password exists, and no password signs in to it', async () => {
    const { password: _, ...registration } = aRegistration()
    const { user_id } = await asked(201, 'POST', '/auth/admin/users', registration)
    const [event] = await given.auth.sql`
      select type, payload from outbox where key = ${String(user_id)}`
    expect(event).toEqual({
      type: 'user.registered.v1',
      payload: { user_id, username: registration.username },
    })
    expect(await given.login({ ...registration, password: 'undefined' })).toBe(401)
  })

  test.each([
    [409, { username: 'STAFF.taken' }, { code: 'username_taken' }],
    [409, { user_email: 'STAFF.taken@example.com' }, { code: 'email_taken' }],
    [422, { password: 'password123' }, { errors: [{ pointer: '#/password' }] }],
    [422, { roles: ['Staff'] }, { errors: [{ pointer: '#/roles/0' }] }],
    [422, { roles: ['a,b'] }, { errors: [{ pointer: '#/roles/0' }] }],
    [422, { roles: ['a'.repeat(33)] }, { errors: [{ pointer: '#/roles/0' }] }],
    [422, { roles: 'abcdefghijk'.split('') }, { errors: [{ pointer: '#/roles' }] }],
    [422, { status: 'disabled' }, { errors: [{ pointer: '#/status' }] }],
  ])('is refused with %i for %j', async (status, changes, problem) => {
    const known = { username: 'staff.taken', user_email: 'staff.taken@example.com' }
    await given.auth.post('/auth/registration', aRegistration(known))
    const body = await asked(status, 'POST', '/auth/admin/users', aRegistration(changes))
    expect(body).toMatchObject(problem)
  })
})

test.each([
  ['0', 404],
  ['-1', 404],
  ['999999999', 404],
  ['9007199254740993', 404],
  ['99999999999999999999999', 404],
  ['abc', 422],
  ['1.5', 422],
])('the user %s is %i for every operation', async (id, status) => {
  const path = `/auth/admin/users/${id}`
  const problem =
    status === 404 ? { code: 'user_not_found' } : { errors: [{ pointer: '#/user_id' }] }
  expect(await asked(status, 'GET', path)).toMatchObject(problem)
  expect(await asked(status, 'PATCH', path, { roles: [] })).toMatchObject(problem)
  expect(await asked(status, 'DELETE', path)).toMatchObject(problem)
  expect(await asked(status, 'POST', `${path}/logout`)).toMatchObject(problem)
})
