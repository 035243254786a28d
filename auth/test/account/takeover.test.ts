import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { createLog } from '@ego/kit/process/log'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { wireAuth } from '../../src/wire.ts'
import { aMember, as, startAuth, type TestAuth } from '../start-auth.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
  await auth.start()
})
afterAll(() => auth[Symbol.asyncDispose]())

type Member = Awaited<ReturnType<typeof aMember>>

const me = (token: string, method: string, body: unknown) =>
  as(auth, token, '/auth/me', method, body)

async function resetToken({ user_email }: Member) {
  await auth.post('/auth/password/forgot', { user_email })
  const find = async () =>
    (await auth.mails()).find(
      (mail) => mail.template === 'password_reset' && mail.to === user_email,
    )
  await expect.poll(find).toBeDefined()
  return (await find())?.token ?? ''
}

describe('an attacker who knows the old password', () => {
  test('cannot confirm a new e-mail address after the owner has reset it', async () => {
    const owner = await aMember(auth)
    const thief = `thief.${owner.user_email}`
    await me(owner.token, 'PATCH', { user_email: thief, current_password: owner.password })
    const [change] = await auth.mails()
    expect(change).toMatchObject({ template: 'email_change_confirm', to: thief })
    const token = await resetToken(owner)
    const reset = { token, password: 'the owner is back' }
    expect((await auth.post('/auth/password/reset', reset)).status).toBe(204)
    const confirm = { token: change?.token }
    const response = await auth.post('/auth/email/verification/confirm', confirm)
    expect(response.status).toBe(400)
  })

  test('loses every race of changes against the reset of the owner', async () => {
    for (let round = 0; round < 8; round += 1) {
      const owner = await aMember(auth)
      const token = await resetToken(owner)
      const reset = { token, password: 'the owner is back' }
      const steal = { password: 'mine for ever now', current_password: owner.password }
      const [resetAnswer, stealAnswer] = await Promise.all([
        auth.post('/auth/password/reset', reset),
        me(owner.token, 'PATCH', steal),
      ])
      expect([200, 401, 403]).toContain(stealAnswer.status)
      const login = async (password: string) =>
        (await auth.post('/auth/login', { username: owner.username, password })).status
      expect([resetAnswer.ok, stealAnswer.ok]).toContain(true)
      // In either order: a reset that was acknowledged holds.
      if (resetAnswer.status === 204) expect(await login(reset.password)).toBe(200)
      else expect(resetAnswer.status).toBe(400)
    }
  })
})

test('changes that race the deletion of the account are no 500', async () => {
  for (let round = 0; round < 8; round += 1) {
    const { token, password, user_email } = await aMember(auth)
    const answers = await Promise.all([
      me(token, 'DELETE', { password }),
      me(token, 'PATCH', { password: 'another passphrase', current_password: password }),
      me(token, 'PATCH', { user_email: `x.${user_email}`, current_password: password }),
      as(auth, token, '/auth/email/verification', 'POST'),
    ])
    for (const { status } of answers) expect([200, 202, 204, 401, 403, 404]).toContain(status)
    // The deletion is refused only where the password was changed before it.
    expect([answers[0]?.ok, answers[1]?.ok]).toContain(true)
  }
})

test('a member named like the id of another cannot reset the count of guesses', async () => {
  const victim = await aMember(auth)
  const username = String(victim.userId).padStart(3, '0')
  const helper = await aMember(auth, { username })
  const statuses: number[] = []
  for (let count = 0; count < 8; count += 1) {
    statuses.push((await me(victim.token, 'DELETE', { password: 'wrong' })).status)
    await auth.post('/auth/login', { username: helper.username, password: helper.password })
  }
  expect(statuses).toContain(429)
})

test('the name, the address and another case of an account share one count of guesses', async () => {
  const { username, user_email } = await aMember(auth)
  const names = [{ username }, { user_email }, { username: username.toUpperCase() }]
  const statuses: number[] = []
  for (let count = 0; count < 9; count += 1) {
    const body = { ...names[count % 3], password: 'wrong' }
    statuses.push((await auth.post('/auth/login', body)).status)
  }
  expect(statuses.slice(0, 6)).toEqual(Array(6).fill(401))
  expect(statuses.slice(6)).toEqual(Array(3).fill(429))
})

test('a member cannot make auth write to a stranger again and again', async () => {
  const member = await aMember(auth)
  const statuses: number[] = []
  for (let count = 0; count < 7; count += 1) {
    const change = { user_email: 'stranger@example.com', current_password: member.password }
    statuses.push((await me(member.token, 'PATCH', change)).status)
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
})

test('a long User-Agent keeps no mail from being sent', async () => {
  const { username, password } = await aMember(auth)
  const headers = { 'user-agent': 'x'.repeat(13_000) }
  expect((await auth.post('/auth/login', { username, password }, headers)).status).toBe(200)
  const [mail] = await auth.mails()
  expect(mail?.template).toBe('new_device')
  expect(mail?.device).toHaveLength(200)
})

test('a renamed first admin keeps no start from succeeding', async () => {
  const admin = {
    ADMIN_USERNAME: 'admin',
    ADMIN_EMAIL: 'admin@example.com',
    ADMIN_PASSWORD: 'a passphrase for admins',
  }
  await using first = await startAuth(admin)
  await first.sql`update account set username = 'boss' where username = 'admin'`
  const given = { log: createLog('auth', 'silent'), bus: memoryBus() }
  await using again = await wireAuth(loadConfig(first.environment), given)
  expect(again).toBeDefined()
  expect(await first.sql`select username from account`).toEqual([{ username: 'boss' }])
})

test('many sign-ins at once leave at most fifty sessions', async () => {
  const { username, password } = await aMember(auth)
  const login = () => auth.post('/auth/login', { username, password })
  for (let wave = 0; wave < 14; wave += 1) {
    const answers = await Promise.all(Array.from({ length: 5 }, login))
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200))
  }
  const [row] = await auth.sql`
    select count(*)::int as sessions
    from session
    join account using (user_id)
    where username = ${username}`
  expect(row).toEqual({ sessions: 50 })
})
