import { describe, expect, test } from 'vitest'
import { aMember, aPassword, call, eventually } from './client.ts'

const profile = { first_name: 'Test', last_name: 'Test', gender: 'male', birthday: '2023-07-18' }

async function refresh(refresh_token: string) {
  const answer = await call('/auth/refresh', { method: 'POST', body: { refresh_token } })
  return { ...answer, ...Object(answer.body) }
}

const signedIn = async (token: string) => (await call('/auth/me', { token })).status === 200

describe('a session', () => {
  test('continues with its refresh token, which works once', async () => {
    const member = await aMember()
    const next = await refresh(member.refreshToken)
    expect(next.status).toBe(200)
    expect(await signedIn(next.access_token)).toBe(true)
    const again = await refresh(member.refreshToken)
    expect(again.refresh_token).toBe(next.refresh_token)
  })

  test('ends at once with a logout, for every service', async () => {
    const member = await aMember()
    const { token } = member
    await call('/users', { method: 'POST', token, body: profile })
    expect((await call('/users/me', { token })).status).toBe(200)
    expect((await call('/auth/logout', { method: 'POST', token })).status).toBe(204)
    for (const path of ['/auth/me', '/users/me', '/posts/search?q=a']) {
      expect((await call(path, { token })).status).toBe(401)
    }
    expect((await refresh(member.refreshToken)).code).toBe('session_ended')
  })

  test('is listed, and can be ended from another session', async () => {
    const member = await aMember()
    const login = { username: member.username, password: aPassword }
    const second = Object((await call('/auth/login', { method: 'POST', body: login })).body)
    const list = await call('/auth/sessions', { token: member.token })
    const { items } = Object(list.body)
    expect(items.map((item: { current: boolean }) => item.current)).toEqual([false, true])
    const path = `/auth/sessions/${items[0].session_id}`
    expect((await call(path, { method: 'DELETE', token: member.token })).status).toBe(204)
    expect(await signedIn(second.access_token)).toBe(false)
    expect(await signedIn(member.token)).toBe(true)
  })
})

describe('an account', () => {
  test('has its new name everywhere', async () => {
    const { username, token } = await aMember()
    await call('/users', { method: 'POST', token, body: profile })
    const renamed = `${username.slice(0, 20)}.new`
    const change = { method: 'PATCH', token, body: { username: renamed } }
    expect((await call('/auth/me', change)).status).toBe(200)
    const own = await eventually(
      () => call('/users/me', { token }),
      ({ body }) => Object(body).username === renamed,
    )
    expect(own.body).toMatchObject({ username: renamed })
  })

  test('gets a new password only with the current one', async () => {
    const { username, token } = await aMember()
    const change = (current_password: string) =>
      call('/auth/me', {
        method: 'PATCH',
        token,
        body: { password: 'quite another passphrase', current_password },
      })
    expect((await change('wrong')).status).toBe(403)
    expect((await change(aPassword)).status).toBe(200)
    const body = { username, password: 'quite another passphrase' }
    expect((await call('/auth/login', { method: 'POST', body })).status).toBe(200)
  })

  test('is erased everywhere', async () => {
    const { username, token } = await aMember()
    await call('/users', { method: 'POST', token, body: profile })
    const text_content = `to be erased ${username}`
    await call('/posts', { method: 'POST', token, body: { text_content } })
    const erase = { method: 'DELETE', token, body: { password: aPassword } }
    expect((await call('/auth/me', erase)).status).toBe(204)
    expect(await signedIn(token)).toBe(false)
    const found = await eventually(
      () => call(`/posts/search?q="${username}"`),
      ({ body }) => Object(body).items.length === 0,
    )
    expect(found.body).toMatchObject({ items: [] })
    const body = { username, password: aPassword }
    expect((await call('/auth/login', { method: 'POST', body })).status).toBe(401)
  })

  test('of a member may not use the operations of staff', async () => {
    const { token } = await aMember()
    for (const path of ['/auth/admin/users', '/auth/admin/audit', '/auth/admin/users/1']) {
      expect((await call(path)).status).toBe(401)
      expect((await call(path, { token })).status).toBe(403)
    }
  })
})

describe('a mail', () => {
  test('is accepted whether or not the address is known', async () => {
    const { username } = await aMember()
    for (const user_email of [`${username}@example.com`, 'unknown.address@example.com']) {
      const answer = await call('/auth/password/forgot', { method: 'POST', body: { user_email } })
      expect([answer.status, answer.body]).toEqual([202, ''])
    }
  })

  test.each([
    ['/auth/email/verification/confirm', { token: 'made-up' }],
    ['/auth/password/reset', { token: 'made-up', password: 'quite another passphrase' }],
  ])('%s refuses an unknown token', async (path, body) => {
    const answer = await call(path, { method: 'POST', body })
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ code: 'mailed_token_invalid' })
  })
})
