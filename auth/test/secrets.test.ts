import { connectPostgres } from '@ego/kit/postgres/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aMember, aRegistration, as, startAuth, type TestAuth } from './start-auth.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
  await auth.start()
})
afterAll(() => auth[Symbol.asyncDispose]())

const canary = { password: 'canary passphrase', user_email: 'canary@example.com' }

/** What is stored of the account itself: the hash is the one secret that may be kept. */
async function passwordHash(userId: number): Promise<string> {
  const [row] = await auth.sql<[{ password_hash: string }]>`
    select password_hash
    from account
    where user_id = ${userId}`
  return row.password_hash
}

async function written(): Promise<string> {
  const events = JSON.stringify([...(await auth.sql`select * from outbox`)])
  const audit = JSON.stringify([...(await auth.sql`select * from audit`)])
  const sessions = JSON.stringify([...(await auth.sql`select * from session`)])
  return [events, audit, sessions, ...auth.lines].join('\n')
}

async function tokensOf(response: Response): Promise<string[]> {
  const { access_token, refresh_token } = Object(await response.json())
  return [String(access_token), String(refresh_token)]
}

/** All that an account can go through; answers what must not be found anywhere. */
async function liveThrough(): Promise<string[]> {
  const member = await aMember(auth, canary)
  const { username, userId, token, refresh } = member
  const hashes = [await passwordHash(userId)]
  await auth.post('/auth/login', { username, password: 'canary wrong guess' })
  await as(auth, token, '/auth/email/verification', 'POST')
  const current_password = canary.password
  const change = { password: 'canary again now', current_password }
  expect((await as(auth, token, '/auth/me', 'PATCH', change)).status).toBe(200)
  const move = { user_email: 'canary.two@example.com', current_password: change.password }
  expect((await as(auth, token, '/auth/me', 'PATCH', move)).status).toBe(200)
  const refreshed = await auth.post('/auth/refresh', { refresh_token: refresh })
  await auth.post('/auth/password/forgot', { user_email: canary.user_email })
  const resetMail = async () =>
    (await auth.mails()).find(({ template }) => template === 'password_reset')
  await expect.poll(resetMail).toBeDefined()
  const resetToken = (await resetMail())?.token
  const reset = { token: resetToken, password: 'canary is back' }
  hashes.push(await passwordHash(userId))
  expect((await auth.post('/auth/password/reset', reset)).status).toBe(204)
  const login = await auth.post('/auth/login', { username, password: reset.password })
  hashes.push(await passwordHash(userId))
  const tokens = [...(await tokensOf(refreshed)), ...(await tokensOf(login))]
  return ['canary', token, refresh, ...tokens, ...hashes]
}

test('neither log nor event holds a password, its hash, a token, a link or an address in clear', async () => {
  const secrets = await liveThrough()
  const mails = await auth.mails()
  const links = mails.flatMap(({ link }) => link ?? [])
  const mailed = mails.flatMap(({ token }) => token ?? [])
  expect([links.length, mailed.length]).toEqual([4, 4])
  const digests = secrets.filter((secret) => secret.startsWith('$argon2id$'))
  expect(new Set(digests).size).toBe(3)
  const parts = digests.flatMap((hash) => hash.split('$').slice(-2))
  const everything = await written()
  expect(auth.lines.length).toBeGreaterThan(8)
  for (const secret of [...secrets, ...parts, ...links, ...mailed]) {
    expect(secret.length).toBeGreaterThan(5)
    expect(everything).not.toContain(secret)
  }
})

test('what the database says of a row that it refuses is not logged', async () => {
  await using owner = connectPostgres({ url: auth.environment.DATABASE_OWNER_URL, max: 1 })
  await owner`alter table account add constraint refused check (false) not valid`
  const registration = aRegistration({ user_email: 'canary.three@example.com' })
  expect((await auth.post('/auth/registration', registration)).status).toBe(500)
  await owner`alter table account drop constraint refused`
  const [line] = auth.lines.filter((each) => each.includes('a request failed unexpectedly'))
  expect(line).toContain('refused')
  expect(line).not.toContain('canary')
  expect(line).not.toContain('$argon2id$')
})
