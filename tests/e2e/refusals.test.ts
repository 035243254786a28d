import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Answer, aMember, type Call, call, problem } from './client.ts'

let token = ''

beforeAll(async () => {
  token = (await aMember()).token
})

const writes = ['/auth/registration', '/auth/login', '/users', '/posts']

function expectProblem(answer: Answer, status: number) {
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  const body = problem.parse(answer.body)
  expect(body.status).toBe(status)
  expect(answer.headers.get('x-request-id')).toBe(body.request_id)
  return body
}

const post = (path: string, options: Call) => call(path, { method: 'POST', token, ...options })

describe('refused with a problem', () => {
  test.each(writes)('%s with malformed JSON is 400', async (path) => {
    for (const body of ['{', '', '[1,', '{"a":1}}', '\u0000', '{"a":NaN}']) {
      const headers = { 'content-type': 'application/json' }
      expectProblem(await post(path, { body, headers }), 400)
    }
  })

  test.each(writes)('%s with an unknown field is 422 with a pointer to it', async (path) => {
    const { errors } = expectProblem(await post(path, { body: { is_admin: true } }), 422)
    expect(errors?.map(({ pointer }) => pointer)).toContain('#/is_admin')
  })

  test.each(writes)('%s with JSON that is not an object is 422', async (path) => {
    for (const body of ['[]', '"text"', '1', 'null', 'true']) {
      expectProblem(await post(path, { body }), 422)
    }
  })

  test.each(writes)('%s with a form is 415', async (path) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expectProblem(await post(path, { body: 'a=b', headers }), 415)
  })

  test.each(writes)('%s with a huge body is 413', async (path) => {
    for (const bytes of [300 * 1024, 2 * 1024 * 1024]) {
      expectProblem(await post(path, { body: { text_content: 'x'.repeat(bytes) } }), 413)
    }
  })

  test('a deeply nested body is not a 500', async () => {
    const body = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    expectProblem(await post('/posts', { body }), 422)
  })

  test.each([
    ['PUT', '/auth/login', 'POST'],
    ['GET', '/auth/registration', 'POST'],
    ['PUT', '/posts/search', 'GET'],
    ['PATCH', '/auth/.well-known/jwks.json', 'GET'],
  ])('%s %s is 405 and names the methods', async (method, path, allowed) => {
    const answer = await call(path, { method, token })
    expectProblem(answer, 405)
    expect(answer.headers.get('allow')).toContain(allowed)
  })

  test.each([
    '/nothing',
    '/users/me/nothing',
    '/posts/search/x',
    '/.env',
    '/auth',
    '/docs/nothing',
  ])('%s is 404', async (path) => {
    expectProblem(await call(path, { token }), 404)
  })

  test.each([
    ['nonsense', 'nonsense'],
    ['three parts', 'a.b.c'],
    ['6,000 letters', 'a'.repeat(6_000)],
    ['a symbol', '%F0%9F%99%82'],
  ])('a token of %s is 401, also where a token is optional', async (_, bad) => {
    for (const path of ['/users/me', '/posts/search?q=a']) {
      const answer = await call(path, { token: bad })
      expectProblem(answer, 401)
      expect(answer.headers.get('www-authenticate')).toContain('Bearer')
    }
  })
})

describe('a request id', () => {
  test('is kept when the client sends one', async () => {
    const id = randomBytes(8).toString('hex')
    const answer = await call('/nothing', { headers: { 'x-request-id': id } })
    expect(answer.headers.get('x-request-id')).toBe(id)
    expect(answer.body).toMatchObject({ request_id: id })
  })

  test('is generated when there is none, different for each request', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await call('/healthz')).headers.get('x-request-id')),
    )
    expect(ids[0]).toBeTruthy()
    expect(ids[0]).not.toBe(ids[1])
  })
})

test('a page of another origin may send requests, without credentials', async () => {
  const preflight = await call('/users/me', {
    method: 'OPTIONS',
    headers: {
      origin: 'http://app.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  })
  expect(preflight.status).toBeLessThan(300)
  expect(preflight.headers.get('access-control-allow-origin')).toBeTruthy()
  expect(preflight.headers.get('access-control-allow-credentials')).not.toBe('true')
})
