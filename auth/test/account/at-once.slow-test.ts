import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff

beforeAll(async () => {
  given = await startStaff({ LOGIN_MISSES_MAX: '10000', MAILS_PER_HOUR: '10000' })
})
afterAll(() => given[Symbol.asyncDispose]())

type Member = Awaited<ReturnType<TestStaff['aMember']>>
type Identity = Awaited<ReturnType<TestStaff['identityOf']>>

const times = (count: number, ask: (index: number) => Response | Promise<Response>) =>
  Promise.all(Array.from({ length: count }, (_, index) => ask(index)))

async function loggedIn({ username, password }: Member): Promise<Identity> {
  const response = await given.auth.post('/auth/login', { username, password })
  const { access_token } = Object(await response.json())
  return given.identityOf({ access: String(access_token) })
}

test('many requests for a verification leave one token that works', async () => {
  const member = await given.aMember()
  const identity = await given.identityOf(member)
  const answers = await times(10, () => given.send(identity, 'POST', '/auth/email/verification'))
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(202))
  const mails = (await given.auth.mails()).filter(
    ({ template, to }) => template === 'verify_email' && to === member.user_email,
  )
  expect(mails).toHaveLength(10)
  const confirmed = await times(10, (index) =>
    given.auth.post('/auth/email/verification/confirm', { token: mails[index]?.token }),
  )
  expect(confirmed.map(({ status }) => status).sort()).toEqual([204, ...Array(9).fill(400)])
})

describe('an account that is deleted by many requests', () => {
  async function expectDeletedOnce({ id }: Member) {
    const [entries] = await given.auth.sql`
      select count(*)::int as entries
      from audit
      where user_id = ${id} and action = 'account.deleted'`
    expect(entries).toEqual({ entries: 1 })
    const events = await given.eventsOf(id)
    expect(events).toEqual([{ type: 'user.deleted.v1', payload: { user_id: id } }])
  }

  test('of its owner is deleted once, and told of once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const member = await given.aMember()
      const identity = await given.identityOf(member)
      const body = { password: member.password }
      const answers = await times(10, () => given.send(identity, 'DELETE', '/auth/me', body))
      const statuses = answers.map(({ status }) => status).sort()
      expect(statuses).toEqual([204, ...Array(9).fill(401)])
      await expectDeletedOnce(member)
    }
  })

  test('of staff is deleted once, and told of once', async () => {
    const member = await given.aMember()
    const identity = await given.identityOf(given.staff)
    const answers = await times(10, () => given.send(identity, 'DELETE', member.path))
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([204, ...Array(9).fill(404)])
    await expectDeletedOnce(member)
  })
})

describe('changes of all kinds at the same moment', () => {
  /** What its owner, in one of three sessions, and a member of staff do to one account. */
  async function changesOf(member: Member, by: Identity, round: number) {
    const owner = await given.identityOf(member)
    const [second, third] = [await loggedIn(member), await loggedIn(member)]
    const proof = { current_password: member.password }
    const name = `${member.username}.${round}`
    return [
      () => given.send(second, 'DELETE', '/auth/sessions'),
      () => given.send(owner, 'PATCH', '/auth/me', { password: 'another passphrase', ...proof }),
      () => given.send(by, 'PATCH', member.path, { status: 'disabled', roles: ['editor'] }),
      () => given.send(third, 'PATCH', '/auth/me', { username: `${name}.own`, ...proof }),
      () => given.send(owner, 'DELETE', `/auth/sessions/${third['x-session-id']}`),
      () => given.send(by, 'POST', `${member.path}/logout`),
      () => given.send(third, 'DELETE', '/auth/sessions'),
      () => given.send(by, 'PATCH', member.path, { user_email: `${name}@example.com` }),
      () => given.send(by, 'PATCH', member.path, { username: `${name}.staff`, status: 'active' }),
      () => given.auth.post('/auth/refresh', { refresh_token: member.refresh }),
      () =>
        given.auth.post('/auth/login', { username: member.username, password: member.password }),
    ]
  }

  async function expectNoFailure(asked: (() => Response | Promise<Response>)[]) {
    const answers = await Promise.all(asked.map((ask) => ask()))
    const statuses = answers.map(({ status }) => status)
    for (const status of statuses) expect(status).toBeLessThan(500)
    expect(statuses.filter((status) => status < 300).length).toBeGreaterThan(2)
  }

  test('of one account wait for no circle', async () => {
    const by = await given.identityOf(given.staff)
    for (let round = 0; round < 8; round += 1) {
      const member = await given.aMember()
      const [first, again] = [
        await changesOf(member, by, round),
        await changesOf(member, by, round + 100),
      ]
      await expectNoFailure([...first, ...again])
    }
  })

  test('of two of the staff by one another wait for no circle', async () => {
    for (let round = 0; round < 8; round += 1) {
      const [one, two] = [await given.aMember(['staff']), await given.aMember(['staff'])]
      const [byOne, byTwo] = [await given.identityOf(one), await given.identityOf(two)]
      const ofOne = await changesOf(one, byTwo, round)
      const ofTwo = await changesOf(two, byOne, round)
      await expectNoFailure(ofOne.flatMap((change, index) => [change, ofTwo[index] ?? change]))
    }
  })
})
