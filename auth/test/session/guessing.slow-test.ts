import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aMember, aRegistration, startAuth, type TestAuth } from '../start-auth.ts'

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
    expect(await miss({ username: 'unknown' }, 7, '192.0.2.5')).toEqual([
      ...Array(6).fill(401),
      429,
    ])
  })

  test('many times at once is no way around', async () => {
    const member = await aMember(auth)
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => login(member, 'wrong', '192.0.2.6')),
    )
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([...Array(6).fill(401), ...Array(24).fill(429)])
  })

  test('is not what many right logins at once are', async () => {
    const member = await aMember(auth)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => login(member, member.password, '192.0.2.10')),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  })

  test('with letters that JavaScript and Postgres lower differently is the same guessing', async () => {
    const member = await aMember(auth, { username: 'kirin.si' })
    const spellings = ['KIRIN.SI', 'k\u0130rin.s\u0130', '\u212airin.si']
    for (const [index, username] of spellings.entries()) {
      const answer = await login({ username }, member.password, `192.0.2.${20 + index}`)
      expect(answer.status).toBe(200)
    }
    await miss(member, 6, '192.0.2.30')
    for (const username of spellings) {
      expect(await miss({ username }, 1, '192.0.2.30')).toEqual([429])
    }
  })

  test('of an unknown name counts its spellings together as those of a known one', async () => {
    await miss({ username: 'kirin.no' }, 6, '192.0.2.31')
    for (const username of ['KIRIN.NO', 'k\u0130rin.no', '\u212airin.no']) {
      expect(await miss({ username }, 1, '192.0.2.31')).toEqual([429])
    }
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
      statuses.push(...(await miss({ username: `unknown${count}` }, 1, '192.0.2.8')))
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(60)
    expect(statuses.at(-1)).toBe(429)
  })

  test('from one address for many names at once is no way around either', async () => {
    const answers = await Promise.all(
      Array.from({ length: 149 }, (_, count) =>
        login({ username: `stranger${count}` }, 'wrong', '192.0.2.32'),
      ),
    )
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([...Array(60).fill(401), ...Array(89).fill(429)])
    const member = await aMember(auth)
    const refused = await login(member, member.password, '192.0.2.32')
    expect(refused.status).toBe(429)
    const retryAfter = Number(refused.headers.get('retry-after'))
    expect(retryAfter).toBeGreaterThan(0)
    expect(retryAfter).toBeLessThanOrEqual(900)
    expect((await login(member, member.password, '192.0.2.33')).status).toBe(200)
  })

  test('is not what more right logins from one address are than it may miss', async () => {
    const member = await aMember(auth)
    for (let wave = 0; wave < 4; wave += 1) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => login(member, member.password, '192.0.2.34')),
      )
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    }
    expect(await miss(member, 1, '192.0.2.34')).toEqual([401])
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

describe('all addresses of an IPv6 network together', () => {
  const address = (network: number, index: number) => `2001:db8:0:${network}:${index}::${index}`

  test('have the misses of one', async () => {
    const member = await aMember(auth)
    const statuses: number[] = []
    for (let index = 1; index <= 7; index += 1) {
      statuses.push(...(await miss(member, 1, address(1, index))))
    }
    expect(statuses).toEqual([...Array(6).fill(401), 429])
    expect((await login(member, member.password, address(2, 1))).status).toBe(200)
    const [session] = await auth.sql`
      select ip
      from session
      where user_id = ${member.userId}
      order by session_id desc
      limit 1`
    expect(session).toEqual({ ip: address(2, 1) })
  })

  test('have the registrations of one', async () => {
    const statuses: number[] = []
    for (let index = 1; index <= 42; index += 1) {
      const headers = { 'x-real-ip': address(3, index) }
      statuses.push((await auth.post('/auth/registration', aRegistration(), headers)).status)
    }
    expect(statuses).toEqual([...Array(40).fill(201), 429, 429])
  })

  test('have the mails of one', async () => {
    const statuses: number[] = []
    for (let index = 1; index <= 32; index += 1) {
      const body = { user_email: `forgot${index}@example.com` }
      const headers = { 'x-real-ip': address(4, index) }
      statuses.push((await auth.post('/auth/password/forgot', body, headers)).status)
    }
    expect(statuses).toEqual([...Array(30).fill(202), 429, 429])
  })
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
