import { pause } from '@ego/kit/async/backoff'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff

beforeAll(async () => {
  given = await startStaff()
})
afterAll(() => given[Symbol.asyncDispose]())

type Member = Awaited<ReturnType<TestStaff['aMember']>>
type Ask = () => Response | Promise<Response>

/** Asks while the other gives up the name and the address, and lets the two then wait for each other. */
async function askedInACircle(member: Member, other: Member, ask: Ask) {
  let answer: Response | Promise<Response> = Response.error()
  await given.auth.sql.begin(async (tx) => {
    const [{ pid }] = await tx<[{ pid: number }]>`select pg_backend_pid() as pid`
    await tx`
      update account
      set username = 'left.' || username, user_email = 'left.' || user_email
      where user_id = ${other.id}`
    answer = ask()
    const waiting = () => given.auth.sql`
      select 1
      from pg_stat_activity
      where ${pid} = any(pg_blocking_pids(pid))`
    await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), { timeout: 15_000 })
    // A transaction that has waited for a second checks for a deadlock and is aborted: this one must begin well after the other.
    await pause(400)
    await tx`update account set username = 'got.' || username where user_id = ${member.id}`
  })
  return (await answer).status
}

async function tokenFor(member: Member, user_email: string) {
  const change = { user_email, current_password: member.password }
  const identity = await given.identityOf(member)
  expect((await given.send(identity, 'PATCH', '/auth/me', change)).status).toBe(200)
  const mails = await given.auth.mails()
  return mails.find(({ to, template }) => template === 'email_change_confirm' && to === user_email)
    ?.token
}

const namesOf = ({ id }: Member) => given.auth.sql`
  select username, user_email
  from account
  where user_id = ${id}`

// On a busy machine Postgres may look for the circle before it is closed, and then gives up the other one, who is the test.
const again = { retry: 3 }

describe('two who exchange names at the same moment wait in no circle', again, () => {
  test('when it is a name of the own', async () => {
    const [member, other] = [await given.aMember(), await given.aMember()]
    const identity = await given.identityOf(member)
    const { username } = other
    const body = { username, current_password: member.password }
    const ask = () => given.send(identity, 'PATCH', '/auth/me', body)
    expect(await askedInACircle(member, other, ask)).toBe(200)
    expect(await namesOf(member)).toMatchObject([{ username }])
  })

  test('when staff give the name and the address, and end sessions', async () => {
    const [member, other] = [await given.aMember(), await given.aMember()]
    const identity = await given.identityOf(given.staff)
    const { username, user_email } = other
    const body = { username, user_email, roles: ['editor'] }
    const ask = () => given.send(identity, 'PATCH', member.path, body)
    expect(await askedInACircle(member, other, ask)).toBe(200)
    expect(await namesOf(member)).toEqual([{ username, user_email }])
    expect((await given.verify(member.access)).status).toBe(401)
  })

  test('when it is an address that is confirmed', async () => {
    const [member, other] = [await given.aMember(), await given.aMember()]
    const { user_email } = other
    // Asked for while no account had it.
    await given.auth
      .sql`update account set user_email = 'x' || user_email where user_id = ${other.id}`
    const token = await tokenFor(member, user_email)
    await given.auth.sql`update account set user_email = ${user_email} where user_id = ${other.id}`
    const ask = () => given.auth.post('/auth/email/verification/confirm', { token })
    expect(await askedInACircle(member, other, ask)).toBe(204)
    expect(await namesOf(member)).toMatchObject([{ user_email }])
  })
})
