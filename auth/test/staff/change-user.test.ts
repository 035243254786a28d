import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { createLog } from '@ego/kit/process/log'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { wireAuth } from '../../src/wire.ts'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff
let asked: TestStaff['asked']

beforeAll(async () => {
  given = await startStaff()
  asked = given.asked
})
afterAll(() => given[Symbol.asyncDispose]())

type Member = Awaited<ReturnType<TestStaff['aMember']>>

async function expectSignedOut(member: Member) {
  expect((await given.verify(member.access)).status).toBe(401)
  expect(await given.refresh(member.refresh)).toBe(401)
}

describe('a change of a user', () => {
  test('of the username is told, and the old name is free', async () => {
    const member = await given.aMember()
    const username = `${member.username}.new`
    expect(await asked(200, 'PATCH', member.path, { username })).toMatchObject({ username })
    expect(await given.eventsOf(member.id)).toEqual([
      { type: 'user.renamed.v1', payload: { user_id: member.id, username } },
    ])
    expect(await given.login({ ...member, username })).toBe(200)
    expect(await given.login(member)).toBe(401)
    expect((await given.verify(member.access)).status).toBe(204)
  })

  test('of the e-mail address leaves it unverified, and voids what was mailed', async () => {
    const member = await given.aMember()
    await given.auth.sql`
      update account set email_verified_at = now() where user_id = ${member.id}`
    const upper = { user_email: member.user_email.toUpperCase() }
    expect(await asked(200, 'PATCH', member.path, upper)).toMatchObject({ email_verified: true })
    await given.auth.sql`
      insert into mail_token (token_hash, user_id, purpose, user_email, expires_at)
      values ('hash', ${member.id}, 'password_reset', ${member.user_email}, now() + interval '1 h')`
    const user_email = `other.${member.user_email}`
    const changed = await asked(200, 'PATCH', member.path, { user_email })
    expect(changed).toMatchObject({ user_email, email_verified: false })
    const left = await given.auth.sql`select 1 from mail_token where user_id = ${member.id}`
    expect(left).toEqual([])
  })

  test('to what is so already changes nothing and ends nothing', async () => {
    const member = await given.aMember(['editor'])
    const { username, user_email } = member
    const same = { username, user_email, status: 'active', roles: ['editor', 'editor'] }
    expect(await asked(200, 'PATCH', member.path, same)).toMatchObject({ username, user_email })
    expect((await given.verify(member.access)).status).toBe(204)
    expect(await given.eventsOf(member.id)).toEqual([])
    expect(await given.auditOf(member.id)).toEqual([])
  })

  test('that fails in one part changes nothing', async () => {
    const member = await given.aMember()
    const change = { username: `${member.username}.x`, status: 'disabled', roles: ['staff'] }
    const taken = { ...change, user_email: given.staff.user_email.toUpperCase() }
    expect(await asked(409, 'PATCH', member.path, taken)).toMatchObject({ code: 'email_taken' })
    expect(await asked(200, 'GET', member.path)).toMatchObject({
      username: member.username,
      status: 'active',
      roles: [],
    })
    expect((await given.verify(member.access)).status).toBe(204)
    expect(await given.eventsOf(member.id)).toEqual([])
    expect(await given.auditOf(member.id)).toEqual([])
  })

  test.each([
    [{}, '#'],
    [{ status: 'gone' }, '#/status'],
    [{ username: 'a b' }, '#/username'],
    [{ username: 'a.name', password: 'a good passphrase' }, '#/password'],
  ])('with the body %j is 422', async (body, pointer) => {
    const problem = await asked(422, 'PATCH', given.staff.path, body)
    expect(problem).toMatchObject({ errors: [{ pointer }] })
  })
})

describe('at once', () => {
  test('a disabled user is signed out and cannot sign in; an enabled one can', async () => {
    const member = await given.aMember()
    expect((await given.verify(member.access)).status).toBe(204)
    const disabled = await asked(200, 'PATCH', member.path, { status: 'disabled' })
    expect(disabled).toMatchObject({ status: 'disabled' })
    await expectSignedOut(member)
    expect(await given.login(member)).toBe(401)
    await asked(200, 'PATCH', member.path, { status: 'active' })
    expect(await given.login(member)).toBe(200)
    await expectSignedOut(member)
    const payload = { user_id: member.id }
    expect(await given.eventsOf(member.id)).toEqual([
      { type: 'user.disabled.v1', payload },
      { type: 'user.enabled.v1', payload },
    ])
  })

  test('a demoted user is no longer staff, nor signed in', async () => {
    const member = await given.aMember(['staff'])
    expect((await given.verify(member.access)).headers.get('x-user-roles')).toBe('staff')
    await asked(200, 'PATCH', member.path, { roles: [] })
    await expectSignedOut(member)
    expect(await given.login(member)).toBe(200)
  })

  test('a deleted user is signed out and gone', async () => {
    const member = await given.aMember()
    await asked(204, 'DELETE', member.path)
    await expectSignedOut(member)
    expect(await given.login(member)).toBe(401)
    await asked(404, 'GET', member.path)
    await asked(404, 'DELETE', member.path)
    expect(await given.eventsOf(member.id)).toEqual([
      { type: 'user.deleted.v1', payload: { user_id: member.id } },
    ])
  })

  test('a user whom staff logs out is signed out everywhere, and may sign in again', async () => {
    const member = await given.aMember()
    await asked(204, 'POST', `${member.path}/logout`)
    await expectSignedOut(member)
    expect(await given.login(member)).toBe(200)
  })

  test('another process knows of a disabled user', async () => {
    const quiet = { log: createLog('auth', 'silent'), bus: memoryBus({ consumers: ['auth'] }) }
    await using other = await wireAuth(loadConfig(given.auth.environment), quiet)
    const member = await given.aMember()
    const headers = { authorization: `Bearer ${member.access}` }
    const verified = async () => (await other.app.request('/auth/verify', { headers })).status
    expect(await verified()).toBe(204)
    await asked(200, 'PATCH', member.path, { status: 'disabled' })
    await expect.poll(verified, { interval: 1, timeout: 2_000 }).toBe(401)
  })
})

test.each([
  ['disabled', 'PATCH', { status: 'disabled' }, [401]],
  ['demoted', 'PATCH', { roles: [] }, [204, 401]],
  ['deleted', 'DELETE', undefined, [401]],
])(
  'a member who is %s while signing in gets nothing that is usable',
  async (_, method, body, left) => {
    for (let round = 0; round < 5; round += 1) {
      const member = await given.aMember(['staff'])
      const identity = await given.identityOf(given.staff)
      const { username, password } = member
      const logins = Array.from({ length: 4 }, () =>
        given.auth.post('/auth/login', { username, password }),
      )
      // One is in before the change, the others meet it.
      expect((await Promise.race(logins)).status).toBe(200)
      const change = await given.send(identity, method, member.path, body)
      expect(change.ok).toBe(true)
      for (const answer of await Promise.all(logins)) {
        expect([200, 401]).toContain(answer.status)
        if (answer.status === 401) continue
        const verified = await given.verify(Object(await answer.json()).access_token)
        // A demoted member may be signed in, but without the old role.
        expect(verified.headers.get('x-user-roles') ?? '').toBe('')
        expect(left).toContain(verified.status)
      }
    }
  },
)

test('staff cannot change their own status or roles, or delete their own account here', async () => {
  const { path } = given.staff
  const problem = { code: 'not_on_yourself' }
  expect(await asked(409, 'PATCH', path, { status: 'disabled' })).toMatchObject(problem)
  expect(await asked(409, 'PATCH', path, { roles: ['staff'] })).toMatchObject(problem)
  expect(await asked(409, 'DELETE', path)).toMatchObject(problem)
  expect((await given.verify(given.staff.access)).status).toBe(204)
})

describe('two of the staff who remove each other at the same moment', () => {
  test.each([
    ['demoting', 'PATCH', { roles: [] }],
    ['disabling', 'PATCH', { status: 'disabled' }],
    ['deleting', 'DELETE', undefined],
  ])('by %s leave one of them', async (_, method, body) => {
    await using alone = await startStaff()
    for (let round = 0; round < 8; round += 1) {
      const [one, two] = [await alone.aMember(['staff']), await alone.aMember(['staff'])]
      await alone.auth.sql`
        update account
        set roles = '{}'
        where user_id not in (${one.id}, ${two.id})`
      const identities = [await alone.identityOf(one), await alone.identityOf(two)] as const
      const responses = await Promise.all([
        alone.send(identities[0], method, two.path, body),
        alone.send(identities[1], method, one.path, body),
      ])
      // The second one has been signed out by then.
      const refused = responses.filter((response) => !response.ok)
      expect(refused.map(({ status }) => status)).toEqual([401])
      expect(await staffLeft(alone)).toEqual({ staff: 1 })
    }
  })
})

test('two of the staff who delete themselves at the same moment leave one of them', async () => {
  await using alone = await startStaff()
  for (let round = 0; round < 8; round += 1) {
    const both = [await alone.aMember(['staff']), await alone.aMember(['staff'])]
    await alone.auth.sql`
      update account
      set roles = '{}'
      where user_id <> all(${both.map((member) => member.id)})`
    const identities = await Promise.all(both.map(alone.identityOf))
    const responses = await Promise.all(
      identities.map((identity, index) =>
        alone.send(identity, 'DELETE', '/auth/me', { password: both[index]?.password }),
      ),
    )
    const refused = responses.filter((response) => !response.ok)
    expect(refused.map(({ status }) => status)).toEqual([409])
    expect(await refused[0]?.json()).toMatchObject({ code: 'last_staff' })
    expect(await staffLeft(alone)).toEqual({ staff: 1 })
  }
})

async function staffLeft({ auth }: TestStaff) {
  const [left] = await auth.sql`
    select count(*)::int as staff
    from account
    where 'staff' = any(roles) and status = 'active'`
  return left
}
