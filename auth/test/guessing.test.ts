import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aMember, startAuth, type TestAuth } from './start-auth.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth({ LOGIN_MISSES_PER_IP: '60', REGISTRATIONS_PER_HOUR: '40' })
})
afterAll(() => auth[Symbol.asyncDispose]())

type Member = Awaited<ReturnType<typeof aMember>>

const login = ({ username }: Pick<Member, 'username'>, password: string, ip: string) =>
  auth.post('/auth/login', { username, password }, { 'x-real-ip': ip })

async function miss(member: Pick<Member, 'username'>, times: number, ip: string) {
  const statuses: number[] = []
  for (let count = 0; count < times; count += 1) {
    statuses.push((await login(member, 'wrong', ip)).status)
  }
  return statuses
}

describe('guessing a password', () => {
  test('has to wait after five misses, and says for how long', async () => {
    const member = await aMember(auth)
    expect(await miss(member, 6, '192.0.2.1')).toEqual([401, 401, 401, 401, 401, 401])
    const response = await login(member, member.password, '192.0.2.1')
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('15')
    expect(await response.json()).toMatchObject({ code: 'too_many_attempts' })
  })

  test('leaves the owner at another address alone', async () => {
    const member = await aMember(auth)
    await miss(member, 7, '192.0.2.2')
    expect((await login(member, member.password, '192.0.2.3')).status).toBe(200)
  })

  test('in another case of the name is the same guessing', async () => {
    const member = await aMember(auth)
    await miss(member, 6, '192.0.2.4')
    const upper = { username: member.username.toUpperCase() }
    expect((await login(upper, 'wrong', '192.0.2.4')).status).toBe(429)
  })

  test('of an unknown name waits just the same', async () => {
    expect(await miss({ username: 'nobody' }, 7, '192.0.2.5')).toEqual([...Array(6).fill(401), 429])
  })

  test('many times at once is no way around', async () => {
    const member = await aMember(auth)
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => login(member, 'wrong', '192.0.2.6')),
    )
    const tried = answers.filter((answer) => answer.status === 401)
    expect(tried.length).toBeLessThanOrEqual(6)
  })

  test('is forgotten after the right password', async () => {
    const member = await aMember(auth)
    for (let round = 0; round < 3; round += 1) {
      await miss(member, 4, '192.0.2.7')
      expect((await login(member, member.password, '192.0.2.7')).status).toBe(200)
    }
  })

  test('from one address for many names ends too', async () => {
    const statuses: number[] = []
    for (let count = 0; count < 70; count += 1) {
      statuses.push(...(await miss({ username: `somebody${count}` }, 1, '192.0.2.8')))
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(60)
    expect(statuses.at(-1)).toBe(429)
  })
})

test('registrations from one address are limited', async () => {
  const statuses: number[] = []
  for (let count = 0; count < 42; count += 1) {
    const registration = { 'x-real-ip': '192.0.2.9' }
    const username = `limited${count}`
    const body = { username, password: 'a good passphrase', user_email: `${username}@example.com` }
    statuses.push((await auth.post('/auth/registration', body, registration)).status)
  }
  expect(statuses.filter((status) => status === 201)).toHaveLength(40)
  expect(statuses.at(-1)).toBe(429)
})

test('a password is hashed anew at a login when the parameters have changed', async () => {
  const member = await aMember(auth)
  const [before] = await auth.sql<[{ password_hash: string }]>`
    select password_hash
    from account
    where user_id = ${member.userId}`
  expect(before.password_hash).toContain('m=8192,t=1')
  await using stronger = await startAuth({ ...auth.environment, ARGON2_PASSES: '2' })
  const { username, password } = member
  expect((await stronger.post('/auth/login', { username, password })).status).toBe(200)
  const [after] = await auth.sql<[{ password_hash: string }]>`
    select password_hash
    from account
    where user_id = ${member.userId}`
  expect(after.password_hash).toContain('m=8192,t=2')
  expect((await auth.post('/auth/login', { username, password })).status).toBe(200)
})
