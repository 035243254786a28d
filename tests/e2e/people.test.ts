import { describe, expect, inject, test } from 'vitest'
import { z } from 'zod'
import { aMember, aPassword, call, eventually } from './client.ts'

const profile = { first_name: 'Grace', last_name: 'Test', gender: 'female', birthday: '1990-01-31' }

async function aPerson(changes: Record<string, unknown> = {}) {
  const member = await aMember()
  const body = { ...profile, ...changes }
  const answer = await call('/users', { method: 'POST', token: member.token, body })
  expect(answer.status).toBe(201)
  return member
}

const avatar = z.strictObject({ url: z.string(), sizes: z.record(z.string(), z.string()) })

/** An image of one pixel. */
const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

async function upload(
  token: string,
  body: string | Uint8Array<ArrayBuffer> | FormData,
  headers: Record<string, string> = {},
) {
  return fetch(`${inject('baseUrl')}/users/me/avatar`, {
    method: 'PUT',
    body,
    headers: { authorization: `Bearer ${token}`, ...headers },
  })
}

describe('a profile', () => {
  test('is read, changed by either path, hidden and restored', async () => {
    const { userId, username, token } = await aPerson()
    const path = `/users/${userId}`
    const read = await call(path)
    expect(read.body).toMatchObject({ user_id: userId, username, first_name: 'Grace' })
    const etag = read.headers.get('etag') ?? ''
    expect((await call(path, { headers: { 'if-none-match': etag } })).status).toBe(304)

    const changed = { method: 'PATCH', token, body: { bio: 'one' } }
    expect((await call('/users/me', changed)).body).toMatchObject({ bio: 'one' })
    const seed = { method: 'PUT', token, body: { bio: 'two' } }
    expect((await call(`/user/update/${userId}`, seed)).body).toMatchObject({ bio: 'two' })
    expect((await call('/user/update/1', seed)).status).toBe(403)
    expect((await call(path)).body).toMatchObject({ bio: 'two' })

    expect((await call('/users/me', { method: 'DELETE', token })).status).toBe(204)
    expect((await call(path)).status).toBe(404)
    expect((await call('/users/me/restore', { method: 'POST', token })).status).toBe(200)
    expect((await call(path)).status).toBe(200)
  })

  test('shows a new username, which also finds the user', async () => {
    const { userId, username, token } = await aPerson()
    const renamed = `${username}.new`
    await call('/auth/me', { method: 'PATCH', token, body: { username: renamed } })
    const shown = await eventually(
      () => call(`/users/${userId}`),
      ({ body }) => JSON.stringify(body).includes(renamed),
    )
    expect(shown.body).toMatchObject({ username: renamed })
    const found = await call(`/users?query=${renamed}`)
    expect(found.body).toMatchObject({ items: [{ user_id: userId, username: renamed }] })
  })
})

describe('following', () => {
  test('appears in both profiles and lists, and repeating it changes nothing', async () => {
    const [fan, star] = [await aPerson(), await aPerson()]
    const path = `/users/me/following/${star.userId}`
    for (const _ of [1, 2]) {
      expect((await call(path, { method: 'PUT', token: fan.token })).status).toBe(204)
    }
    expect((await call(`/users/${star.userId}`, { token: fan.token })).body).toMatchObject({
      followers: 1,
      followed_by_me: true,
      follows_me: false,
    })
    expect(
      (await call(`/users/${star.userId}/followers`, { token: star.token })).body,
    ).toMatchObject({
      items: [{ user_id: fan.userId, mutual: false }],
      next_cursor: null,
    })
    expect((await call(`/users/${fan.userId}/following`)).body).toMatchObject({
      items: [{ user_id: star.userId }],
    })
    for (const _ of [1, 2]) {
      expect((await call(path, { method: 'DELETE', token: fan.token })).status).toBe(204)
    }
    expect((await call(`/users/${star.userId}`)).body).toMatchObject({ followers: 0 })
    const oneself = `/users/me/following/${fan.userId}`
    const refused = await call(oneself, { method: 'PUT', token: fan.token })
    expect(refused.body).toMatchObject({ status: 409, code: 'cannot_follow_yourself' })
  })
})

describe('an avatar', () => {
  test('is uploaded as bytes or as a form, served, and removed', async () => {
    const { userId, token } = await aPerson()
    const form = new FormData()
    form.append('avatar', new Blob([gif], { type: 'image/gif' }), 'me.gif')
    for (const body of [gif, form]) {
      const set = await upload(token, body)
      expect(set.status).toBe(200)
      const { url, sizes } = avatar.parse(await set.json())
      expect(Object.keys(sizes)).toEqual(['64', '256', '512'])
      const image = await fetch(`${inject('baseUrl')}${url}`)
      expect(image.headers.get('content-type')).toBe('image/webp')
      expect(image.headers.get('cache-control')).toContain('immutable')
      expect((await image.arrayBuffer()).byteLength).toBeGreaterThan(20)
      expect((await call(`/users/${userId}`)).body).toMatchObject({ avatar: { url, sizes } })
    }
    expect((await call('/users/me/avatar', { method: 'DELETE', token })).status).toBe(204)
    expect((await call(`/users/${userId}/avatar`)).body).toMatchObject({ code: 'avatar_not_found' })
  })

  test('that is not an image is 415, and one that is too large is 413', async () => {
    const { token } = await aPerson()
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    expect((await upload(token, svg, { 'content-type': 'image/png' })).status).toBe(415)
    const large = await upload(token, Buffer.alloc(5 * 1024 * 1024 + 1))
    expect(large.status).toBe(413)
    expect(await large.json()).toMatchObject({ code: 'body_too_large' })
  })
})

test('an erased account leaves no profile, no follow and no avatar within two seconds', async () => {
  const [gone, friend] = [await aPerson(), await aPerson()]
  await upload(gone.token, gif)
  const follow = (id: number, token: string) =>
    call(`/users/me/following/${id}`, { method: 'PUT', token })
  await follow(gone.userId, friend.token)
  await follow(friend.userId, gone.token)
  const erased = await call('/auth/me', {
    method: 'DELETE',
    token: gone.token,
    body: { password: aPassword },
  })
  expect(erased.status).toBe(204)
  const from = Date.now()
  const answer = await eventually(
    () => call(`/users/${gone.userId}`),
    ({ status }) => status === 404,
  )
  expect(answer.status).toBe(404)
  expect(Date.now() - from).toBeLessThan(2_000)
  expect((await call(`/users/${gone.userId}/avatar`)).status).toBe(404)
  expect((await call(`/users/${friend.userId}`)).body).toMatchObject({ followers: 0, following: 0 })
})
