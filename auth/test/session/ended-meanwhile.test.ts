import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRegistration } from '../start-auth.ts'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff

beforeAll(async () => {
  given = await startStaff({ MAILS_PER_HOUR: '1000' })
})
afterAll(() => given[Symbol.asyncDispose]())

type Member = Awaited<ReturnType<TestStaff['aMember']>>
type Ask = [method: string, path: string, body?: unknown]

/** Lets the request wait for the account of its sender until the session was ended, as a queue for hashes may. */
async function askedTooLate(sender: Member, [method, path, body]: Ask): Promise<Response> {
  const identity = await given.identityOf(sender)
  let late: Promise<Response> | undefined
  await given.auth.sql.begin(async (tx) => {
    await tx`select 1 from account where user_id = ${sender.id} for update`
    late = given.send(identity, method, path, body)
    await expect.poll(isARequestWaiting).toBe(true)
    await tx`delete from session where user_id = ${sender.id}`
  })
  return late ?? Response.error()
}

async function isARequestWaiting(): Promise<boolean> {
  const rows = await given.auth.sql`
    select 1
    from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  return rows.length > 0
}

async function expectEnded(response: Response) {
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({
    code: 'token_invalid',
    detail: 'The session of this access token has ended. Sign in again.',
  })
}

const traces = () => given.auth.sql`
  select
    (select count(*)::int from audit where action <> 'session.started') as audit,
    (select count(*)::int from outbox) as outbox,
    (select count(*)::int from account) as accounts`

describe('staff whose session ends while the request waits', () => {
  test.each<[string, (member: Member) => Ask]>([
    ['create no user', () => ['POST', '/auth/admin/users', aRegistration({ roles: ['staff'] })]],
    ['rename no user', ({ path }) => ['PATCH', path, { username: 'too.late' }]],
    ['disable no user', ({ path }) => ['PATCH', path, { status: 'disabled' }]],
    ['delete no user', ({ path }) => ['DELETE', path]],
    ['log no user out', ({ path }) => ['POST', `${path}/logout`]],
    ['mail no reset', ({ path }) => ['POST', `${path}/password-reset`]],
  ])('%s', async (_, ask) => {
    const [staff, member] = [await given.aMember(['staff']), await given.aMember()]
    const before = await traces()
    await expectEnded(await askedTooLate(staff, ask(member)))
    expect(await traces()).toEqual(before)
    expect((await given.verify(member.access)).status).toBe(204)
  })
})

test('staff who are demoted without the end of their session create no user', async () => {
  const staff = await given.aMember(['staff'])
  const identity = await given.identityOf(staff)
  await given.auth.sql`update account set roles = '{}' where user_id = ${staff.id}`
  const response = await given.send(identity, 'POST', '/auth/admin/users', aRegistration())
  expect(response.status).toBe(403)
  expect(await response.json()).toMatchObject({ code: 'staff_only' })
})

describe('a member whose session ends while the request waits', () => {
  test.each<[string, (member: Member) => Ask]>([
    ['keeps the name', () => ['PATCH', '/auth/me', { username: 'too.late' }]],
    [
      'keeps the password',
      ({ password }) => [
        'PATCH',
        '/auth/me',
        { password: 'a new passphrase', current_password: password },
      ],
    ],
    [
      'gets no mail for another address',
      ({ password }) => [
        'PATCH',
        '/auth/me',
        { user_email: 'too.late@example.com', current_password: password },
      ],
    ],
    ['is not deleted', ({ password }) => ['DELETE', '/auth/me', { password }]],
    ['gets no mail to verify', () => ['POST', '/auth/email/verification']],
    ['ends no other session', () => ['DELETE', '/auth/sessions']],
  ])('%s', async (_, ask) => {
    const member = await given.aMember()
    const before = await traces()
    await expectEnded(await askedTooLate(member, ask(member)))
    expect(await traces()).toEqual(before)
    expect(await given.login(member)).toBe(200)
  })
})
