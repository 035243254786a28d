import { describe, expect, test } from 'vitest'
import { aMember, aPassword, call, eventually } from './client.ts'

const profile = { first_name: 'Test', last_name: 'Test', gender: 'male', birthday: '2023-07-18' }

describe('the first walk', () => {
  test.each([
    ['/users', '/posts'],
    ['/users/create_user', '/posts/create_post'],
    ['/user/create', '/posts/create_post'],
  ])('works with %s and %s', async (usersPath, postsPath) => {
    const { userId, username, token } = await aMember()
    const created = await call(usersPath, { method: 'POST', token, body: profile })
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({ user_id: userId, username, ...profile })

    const own = await call('/users/me', { token })
    expect(own.status).toBe(200)
    expect(own.body).toEqual(created.body)

    const text_content = `My test text post! ${username}`
    const posted = await call(postsPath, { method: 'POST', token, body: { text_content } })
    expect(posted.status).toBe(201)
    expect(posted.body).toMatchObject({ creator_id: userId, text_content })

    const found = await call(`/posts/search?q="${username}"`, { token })
    expect(found.status).toBe(200)
    expect(found.body).toMatchObject({ items: [{ text_content, creator_id: userId }] })
  })

  test('shows the card of the author with the posts', async () => {
    const { userId, username, token } = await aMember()
    await call('/users', { method: 'POST', token, body: profile })
    await call('/posts', { method: 'POST', token, body: { text_content: `hello ${username}` } })
    const author = { user_id: userId, username, first_name: 'Test', last_name: 'Test' }
    const answer = await eventually(
      () => call(`/posts/search?q="${username}"`),
      ({ body }) => JSON.stringify(body).includes('"first_name"'),
    )
    expect(answer.body).toMatchObject({ items: [{ author }] })
  })

  test('continues after a new login', async () => {
    const { username } = await aMember()
    for (const name of [{ username }, { user_email: `${username}@example.com` }]) {
      const answer = await call('/auth/login', {
        method: 'POST',
        body: { ...name, password: aPassword },
      })
      expect(answer.status).toBe(200)
      expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) })
    }
  })

  test('creates a profile only for a signed-in user, otherwise 401', async () => {
    const answer = await call('/users/me')
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  })
})
