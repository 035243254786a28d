import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRegistration, startAuth, type TestAuth } from '../start-auth.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const dayMs = 86_400_000

async function aMember() {
  const registration = aRegistration()
  const body = Object(await (await auth.post('/auth/registration', registration)).json())
  return { ...registration, access: String(body.access_token), refresh: String(body.refresh_token) }
}

const refresh = (token: string) => auth.post('/auth/refresh', { refresh_token: token })

async function refreshed(token: string) {
  const response = await refresh(token)
  expect(response.status).toBe(200)
  const body = Object(await response.json())
  return { access: String(body.access_token), refresh: String(body.refresh_token) }
}

async function expectRefused(response: Response, code: string) {
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ code })
}

const verify = async (access: string) =>
  (await auth.request('/auth/verify', { headers: { authorization: `Bearer ${access}` } })).status

/** Asks as the gateway does: verify first, then the request with the identity headers. */
async function as(access: string, path: string, method = 'GET') {
  const verified = await auth.request('/auth/verify', {
    headers: { authorization: `Bearer ${access}` },
  })
  const headers = [...verified.headers].filter(([name]) => name.startsWith('x-'))
  return auth.request(path, { method, headers: Object.fromEntries(headers) })
}

describe('a refresh', () => {
  test('is answered with new tokens that work', async () => {
    const member = await aMember()
    auth.pass(1_000)
    const next = await refreshed(member.refresh)
    expect(next.refresh).not.toBe(member.refresh)
    expect(next.access).not.toBe(member.access)
    expect(await verify(next.access)).toBe(204)
    expect((await refreshed(next.refresh)).refresh).not.toBe(next.refresh)
  })

  test('sixty-four times at once is one rotation and sixty-four equal answers', async () => {
    const member = await aMember()
    const answers = await Promise.all(Array.from({ length: 64 }, () => refreshed(member.refresh)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    const [row] = await auth.sql`
      select counter
      from session
      join account using (user_id)
      where username = ${member.username}`
    expect(row).toEqual({ counter: 1 })
  })

  test('of many sessions at once gives each its own next tokens', async () => {
    const members = []
    for (let n = 0; n < 20; n += 1) members.push(await aMember())
    const answers = await Promise.all(members.map((member) => refreshed(member.refresh)))
    for (const [n, { access, refresh }] of answers.entries()) {
      const me = Object(await (await as(access, '/auth/me')).json())
      expect(me.username).toBe(members[n]?.username)
      expect((await refreshed(refresh)).refresh).not.toBe(refresh)
    }
  })

  test('with the token before it at the same moment is one rotation', async () => {
    const member = await aMember()
    const next = await refreshed(member.refresh)
    const [late, current] = await Promise.all([refreshed(member.refresh), refreshed(next.refresh)])
    // The one behind is in its grace: it gets the token that the session had, or has by now.
    expect([next.refresh, current.refresh]).toContain(late.refresh)
    expect(current.refresh).not.toBe(next.refresh)
  })

  test('waits for sessions that are just being changed, and no other request does', async () => {
    const changed = [await aMember(), await aMember(), await aMember()]
    const other = await aMember()
    let waiting: Promise<unknown> = Promise.resolve()
    await auth.sql.begin(async (tx) => {
      await tx`
        select 1
        from session
        join account using (user_id)
        where username = any(${changed.map(({ username }) => username)}::text[])
        for update of session`
      waiting = Promise.all(changed.map(({ refresh }) => refreshed(refresh)))
      await refreshed(other.refresh)
      const blocked = () => auth.sql`
        select 1
        from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      await expect.poll(blocked).toHaveLength(3)
    })
    await waiting
  })

  test('repeated within 30 seconds gets the same answer, also after half of them', async () => {
    const member = await aMember()
    const first = await refreshed(member.refresh)
    auth.pass(30_000)
    expect(await refreshed(member.refresh)).toEqual(first)
  })

  test('repeated after 30 seconds is theft and ends the session', async () => {
    const member = await aMember()
    const next = await refreshed(member.refresh)
    auth.pass(31_000)
    await expectRefused(await refresh(member.refresh), 'refresh_token_reused')
    await expectRefused(await refresh(next.refresh), 'session_ended')
    expect(await verify(next.access)).toBe(401)
  })

  test('of many stolen tokens at once ends the session once, and notes it once', async () => {
    const member = await aMember()
    await refreshed(member.refresh)
    auth.pass(31_000)
    const answers = await Promise.all(Array.from({ length: 64 }, () => refresh(member.refresh)))
    const bodies = await Promise.all(answers.map((answer) => answer.json()))
    const codes = bodies.map((body) => Object(body).code).sort()
    expect(codes).toEqual(['refresh_token_reused', ...Array(63).fill('session_ended')])
    const entries = await auth.sql`
      select 1
      from audit
      join account using (user_id)
      where action = 'session.stolen' and username = ${member.username}`
    expect(entries).toHaveLength(1)
  })

  test('with a token two behind is theft at once', async () => {
    const member = await aMember()
    const second = await refreshed(member.refresh)
    await refreshed(second.refresh)
    await expectRefused(await refresh(member.refresh), 'refresh_token_reused')
  })

  test.each([
    ['nonsense', 'nonsense'],
    ['an empty one of the right size', 'A'.repeat(75)],
    ['three parts', 'a.b.c'],
  ])('with %s is refused', async (_, token) => {
    expect((await refresh(token)).status).toBe(401)
  })

  test('with a changed token is refused and the session lives on', async () => {
    const member = await aMember()
    const bytes = Buffer.from(member.refresh, 'base64url')
    for (const index of [20, 23, 24, 55]) {
      const changed = Buffer.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ 1
      const token = changed.toString('base64url')
      await expectRefused(await refresh(token), 'refresh_token_invalid')
    }
    // The same bytes in another spelling are another token.
    await expectRefused(await refresh(`${member.refresh}=`), 'refresh_token_invalid')
    await refreshed(member.refresh)
  })

  test('with an access token is refused', async () => {
    const member = await aMember()
    await expectRefused(await refresh(member.access), 'refresh_token_invalid')
  })

  test('of a disabled account is refused', async () => {
    const member = await aMember()
    await auth.sql`update account set status = 'disabled' where username = ${member.username}`
    await expectRefused(await refresh(member.refresh), 'session_ended')
  })

  test('ends after 30 days of silence, and after 90 days in any case', async () => {
    const idle = await aMember()
    auth.pass(31 * dayMs)
    await expectRefused(await refresh(idle.refresh), 'session_ended')
    let busy = await refreshed((await aMember()).refresh)
    for (let days = 20; days <= 80; days += 20) {
      auth.pass(20 * dayMs)
      busy = await refreshed(busy.refresh)
    }
    auth.pass(20 * dayMs)
    await expectRefused(await refresh(busy.refresh), 'session_ended')
  })
})

describe('a logout', () => {
  test('ends both tokens at once', async () => {
    const member = await aMember()
    expect(await verify(member.access)).toBe(204)
    expect((await as(member.access, '/auth/logout', 'POST')).status).toBe(204)
    expect(await verify(member.access)).toBe(401)
    await expectRefused(await refresh(member.refresh), 'session_ended')
  })

  test('racing refreshes leaves nothing usable', async () => {
    let refreshedCount = 0
    for (let round = 0; round < 10; round += 1) {
      const member = await aMember()
      const [logout, ...answers] = await Promise.all([
        as(member.access, '/auth/logout', 'POST'),
        ...Array.from({ length: 4 }, () => refresh(member.refresh)),
      ])
      expect(logout.status).toBe(204)
      for (const answer of answers) {
        const body = Object(await answer.json())
        if (answer.status !== 200) continue
        refreshedCount += 1
        expect(await verify(body.access_token)).toBe(401)
        expect((await refresh(body.refresh_token)).status).toBe(401)
      }
    }
    expect(refreshedCount).toBeGreaterThan(0)
  })
})

describe('the sessions of an account', () => {
  test('are listed with device and ip, and name the current one', async () => {
    const member = await aMember()
    const origin = { 'user-agent': 'Phone', 'x-real-ip': '192.0.2.1' }
    await auth.post('/auth/login', { username: member.username, password: member.password }, origin)
    const response = await as(member.access, '/auth/sessions')
    expect(await response.json()).toMatchObject({
      items: [
        { device: 'Phone', ip: '192.0.2.1', current: false },
        { device: 'unknown', ip: 'unknown', current: true },
      ],
      next_cursor: null,
    })
  })

  test('are ended one by one or all others at once', async () => {
    const member = await aMember()
    const login = async () => {
      const { username, password } = member
      return String(
        Object(await (await auth.post('/auth/login', { username, password })).json()).access_token,
      )
    }
    const [second, third] = [await login(), await login()]
    const { items } = Object(await (await as(member.access, '/auth/sessions')).json())
    const path = `/auth/sessions/${items[0].session_id}`
    expect((await as(member.access, path, 'DELETE')).status).toBe(204)
    expect([await verify(third), await verify(second)]).toEqual([401, 204])
    expect((await as(member.access, path, 'DELETE')).status).toBe(404)
    expect((await as(member.access, '/auth/sessions', 'DELETE')).status).toBe(204)
    expect([await verify(second), await verify(member.access)]).toEqual([401, 204])
  })

  test('of another account cannot be ended', async () => {
    const [member, other] = [await aMember(), await aMember()]
    const { items } = Object(await (await as(other.access, '/auth/sessions')).json())
    const path = `/auth/sessions/${items[0].session_id}`
    expect((await as(member.access, path, 'DELETE')).status).toBe(404)
    expect(await verify(other.access)).toBe(204)
  })

  test('are at most fifty: the one that was not used for longest goes', async () => {
    const member = await aMember()
    const { username, password } = member
    for (let count = 1; count <= 50; count += 1) {
      auth.pass(1_000)
      await auth.post('/auth/login', { username, password })
    }
    expect(await verify(member.access)).toBe(401)
    const [row] = await auth.sql`
      select count(*)::int as sessions
      from session
      join account using (user_id)
      where username = ${username}`
    expect(row).toEqual({ sessions: 50 })
  })
})
