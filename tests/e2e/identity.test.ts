import { beforeAll, describe, expect, inject, test } from 'vitest'
import { aMember, call, problem } from './client.ts'
import { sendRaw } from './raw.ts'

type Member = Awaited<ReturnType<typeof aMember>>
let victim: Member
let attacker: Member

beforeAll(async () => {
  victim = await aMember()
  attacker = await aMember()
  const profile = { first_name: 'A', last_name: 'B', gender: 'other', birthday: '2000-01-01' }
  for (const { token } of [victim, attacker]) {
    await call('/users', { method: 'POST', token, body: profile })
  }
})

const names = [
  'X-User-ID',
  'x-user-id',
  'X_User_ID',
  'x_user_id',
  'X-User_ID',
  'X-User-Roles',
  'X-Session-ID',
  'X-User-Assertion',
  'X_User_Assertion',
]

describe('an identity header of the client', () => {
  test.each(names)('%s does not sign the client in', async (name) => {
    const answer = await call('/users/me', { headers: { [name]: String(victim.userId) } })
    expect(answer.status).toBe(401)
  })

  test.each(names)('%s does not change the identity of a member', async (name) => {
    const answer = await call('/users/me', {
      token: attacker.token,
      headers: { [name]: String(victim.userId) },
    })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ user_id: attacker.userId })
  })

  test.each(names)('%s is stripped on a public route too', async (name) => {
    const answer = await call('/auth/.well-known/jwks.json', { headers: { [name]: '1' } })
    expect(answer.status).toBe(200)
  })

  test('X-User-Roles does not make a member staff', async () => {
    const answer = await call('/auth/admin/users', {
      token: attacker.token,
      headers: { 'X-User-Roles': 'staff' },
    })
    expect(answer.status).toBe(403)
  })

  test.each([
    ['sent twice', ['X-User-ID: 1', 'X-User-ID: 2']],
    ['named in Connection', ['Connection: close, X-User-ID, X-User-Assertion', 'X-User-ID: 1']],
    ['folded', ['X-Other: a', '\tX-User-ID: 1']],
    ['with a space before its colon', ['X-User-ID : 1']],
    ['with a tab before its colon', ['X-User-ID\t: 1']],
    ['in three spellings', ['X-User-ID: 1', 'x-user-id: 1', 'X_USER_ID: 1']],
  ])('%s is ignored or refused', async (_, headers) => {
    const { host } = new URL(inject('baseUrl'))
    const close = headers.some((line) => line.startsWith('Connection')) ? [] : ['Connection: close']
    const send = (authorization: string[]) =>
      sendRaw(
        'GET /users/me HTTP/1.1',
        `Host: ${host}`,
        ...headers,
        ...close,
        ...authorization,
        '',
        '',
      )
    expect(await send([])).toMatch(/^HTTP\/1\.1 (400|401) /)
    const answer = await send([`Authorization: Bearer ${attacker.token}`])
    expect(answer).toMatch(/^HTTP\/1\.1 (400|200) /)
    if (answer.startsWith('HTTP/1.1 200')) expect(answer).toContain(`"user_id":${attacker.userId},`)
  })
})

describe('an internal endpoint', () => {
  test.each([
    '/auth/verify',
    '/auth/verify/optional',
    '/auth/verify/staff',
    '/auth//verify',
    '/auth/./verify',
    '/auth/%76erify',
    '/auth/docs/../verify',
    '/auth/docs/%2e%2e/verify',
    '/AUTH/verify',
    '/auth/verify;x',
    '/auth/verify/',
    '/livez',
    '/readyz',
    '/metrics',
    '/auth/livez',
  ])('%s is not reachable from outside', async (path) => {
    const { host } = new URL(inject('baseUrl'))
    const answer = await sendRaw(
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      `Authorization: Bearer ${attacker.token}`,
      'Connection: close',
      '',
      '',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    expect(answer.toLowerCase()).not.toContain('x-user-assertion')
    problem.parse(JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)))
  })
})
