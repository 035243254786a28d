import { createRoute, z } from '@hono/zod-openapi'
import { pino } from 'pino'
import { beforeEach, describe, expect, test } from 'vitest'
import { BusyError } from '../async/limiter.ts'
import { createMetrics } from '../process/metrics.ts'
import { createApp, requireMember } from './app.ts'
import type { App } from './context.ts'
import { mountHealth } from './health.ts'
import { bodyProblems, jsonAnswer, jsonBody, mountOpenApi, problems } from './openapi.ts'
import { Problem } from './problem.ts'

let lines: Record<string, unknown>[] = []
let app: App

const echo = createRoute({
  method: 'post',
  path: '/echo/{id}',
  request: {
    params: z.object({ id: z.coerce.number().int() }),
    body: jsonBody(z.strictObject({ name: z.string().max(5, 'At most 5 characters.') })),
  },
  responses: {
    200: jsonAnswer('The same', z.object({ name: z.string() })),
    ...problems(bodyProblems),
  },
})

let isDatabaseAway = false
beforeEach(() => {
  lines = []
  const metrics = createMetrics('test')
  const log = pino({}, { write: (line) => lines.push(JSON.parse(line)) })
  app = createApp({
    log,
    metrics,
    callers: { find: async () => null },
    largeBodies: { '/echo/2': 300 * 1024 },
  })
  app.openapi(echo, (c) => c.json({ name: c.req.valid('json').name }, 200))
  app.get('/bug', () => Promise.reject(new Error('the password is hunter2')))
  app.get('/busy', () => Promise.reject(new BusyError('Too much is going on.')))
  app.get('/down', () =>
    Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })),
  )
  app.get('/problem', () => {
    throw new Problem(409, 'taken', 'Choose another one.', { headers: { 'retry-after': '3' } })
  })
  app.get('/members', (c) => c.json(requireMember(c)))
  const checks = {
    required: {
      up: async () => {},
      database: async () => {
        if (isDatabaseAway) throw new Error('x')
      },
    },
    optional: { broker: () => Promise.reject(new Error('x')) },
  }
  isDatabaseAway = false
  mountHealth(app, { checks, metrics, log })
  mountOpenApi(app, { path: '/openapi.json', title: 'Test', description: 'A test' })
})

const post = (body: string, headers: Record<string, string> = {}) =>
  app.request('/echo/1', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })

const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
})

async function expectProblem(response: Response, status: number, code: string) {
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const body = problem.parse(await response.json())
  expect(body).toMatchObject({ status, code, type: 'about:blank' })
  expect(body.detail).toMatch(/\.$/)
  expect(body.request_id).toBe(response.headers.get('x-request-id'))
  return body
}

describe('a request', () => {
  test('gets a response with an id and without caching', async () => {
    const response = await post('{"name":"ego"}')
    expect(await response.json()).toEqual({ name: 'ego' })
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('keeps the id that the gateway gave it', async () => {
    const response = await post('{"name":"ego"}', { 'x-request-id': 'abc-1' })
    expect(response.headers.get('x-request-id')).toBe('abc-1')
  })

  test('gets a new id when the one it sent is unsafe', async () => {
    const response = await post('{"name":"ego"}', { 'x-request-id': '"}{' })
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
  })

  test('is logged in one line without its query', async () => {
    await app.request('/nothing?token=canary')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({ method: 'GET', path: '/nothing', status: 404 })
    expect(JSON.stringify(lines)).not.toContain('canary')
  })
})

describe('a body', () => {
  test('with broken JSON is 400', async () => {
    await expectProblem(await post('{"name":'), 400, 'malformed_body')
  })

  test('that is empty is 400', async () => {
    await expectProblem(await post(''), 400, 'malformed_body')
  })

  test('that is not UTF-8 is 400', async () => {
    const response = await app.request('/echo/1', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('7b226e616d65223a22ff22 7d'.replace(' ', ''), 'hex'),
    })
    await expectProblem(response, 400, 'malformed_body')
  })

  test('of another type is 415', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await expectProblem(await post('name=ego', headers), 415, 'unsupported_media_type')
  })

  test('with an unknown field is 422 with a pointer to it', async () => {
    const body = await expectProblem(
      await post('{"name":"ego","is/admin":true}'),
      422,
      'validation_failed',
    )
    expect(body.errors).toEqual([
      { pointer: '#/is~1admin', message: 'This field is not known here; remove it.' },
    ])
  })

  test('without a field is 422 and says that it is required', async () => {
    const body = await expectProblem(await post('{}'), 422, 'validation_failed')
    expect(body.errors).toEqual([{ pointer: '#/name', message: 'This field is required.' }])
  })

  test.each([{}, { 'content-length': '100', 'transfer-encoding': '' }])(
    'that breaks off is 400 and not logged as an error, with %j',
    async (headers) => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"name":'))
        },
        pull: (controller) => controller.error(new Error('The client has left.')),
      })
      const response = await app.request('/echo/1', {
        method: 'POST',
        body,
        duplex: 'half',
        headers: { 'content-type': 'application/json', ...headers },
      })
      await expectProblem(response, 400, 'malformed_body')
      expect(lines.filter(({ level }) => level === 50)).toEqual([])
    },
  )

  // The second path has its own limit.
  test.each([
    ['/echo/1', 256],
    ['/echo/2', 300],
  ])('to %s may have %i KiB, and more is 413', async (path, kibibytesMax) => {
    const send = (bytes: number, encode: (text: string) => string | ReadableStream) =>
      app.request(path, {
        method: 'POST',
        body: encode(`{"name":"${'x'.repeat(bytes - '{"name":""}'.length)}"}`),
        duplex: 'half',
        headers: { 'content-type': 'application/json' },
      })
    const withoutLength = (text: string) => new Blob([text]).stream()
    for (const encode of [String, withoutLength]) {
      const fits = await send(kibibytesMax * 1024, encode)
      await expectProblem(fits, 422, 'validation_failed')
      const tooLarge = await send(kibibytesMax * 1024 + 1, encode)
      await expectProblem(tooLarge, 413, 'body_too_large')
    }
  })
})

describe('a refusal', () => {
  test('of an unknown path is 404', async () => {
    await expectProblem(await app.request('/nothing'), 404, 'not_found')
  })

  test('of a wrong method is 405 and names the right ones', async () => {
    const response = await app.request('/echo/1', { method: 'DELETE' })
    await expectProblem(response, 405, 'method_not_allowed')
    expect(response.headers.get('allow')).toBe('POST')
  })

  test('keeps the status, code and headers of its problem', async () => {
    const response = await app.request('/problem')
    await expectProblem(response, 409, 'taken')
    expect(response.headers.get('retry-after')).toBe('3')
  })

  test('without a caller names the scheme', async () => {
    const response = await app.request('/members')
    await expectProblem(response, 401, 'not_signed_in')
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
  })

  test.each([
    ['the database is down', '/down', 'unavailable', '1'],
    ['the service is busy', '/busy', 'busy', '2'],
  ])('because %s is 503 with Retry-After', async (_, path, code, seconds) => {
    const response = await app.request(path)
    await expectProblem(response, 503, code)
    expect(response.headers.get('retry-after')).toBe(seconds)
  })

  test('because of a bug is logged and does not show the error', async () => {
    const response = await app.request('/bug')
    const body = await expectProblem(response, 500, 'internal_error')
    expect(JSON.stringify(body)).not.toContain('hunter2')
    expect(JSON.stringify(lines)).toContain('hunter2')
  })
})

describe('health', () => {
  test('is alive while the process runs, and is not logged', async () => {
    expect((await app.request('/livez')).status).toBe(200)
    expect(lines).toHaveLength(0)
  })

  test('is not ready while a required dependency is down, and names it', async () => {
    isDatabaseAway = true
    const response = await app.request('/readyz')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      status: 'unavailable',
      checks: { up: 'ok', database: 'unavailable', broker: 'unavailable' },
    })
  })

  test('is ready but degraded while an optional dependency is down, and names it', async () => {
    const response = await app.request('/readyz')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      status: 'degraded',
      checks: { up: 'ok', database: 'ok', broker: 'unavailable' },
    })
  })

  test('counts requests by route, not by path', async () => {
    await post('{"name":"ego"}')
    const text = await (await app.request('/metrics')).text()
    const labels = 'service="test",method="POST",route="/echo/:id"'
    expect(text).toContain(`http_requests_total{${labels},status="200"} `)
    expect(text).toMatch(
      /^http_request_duration_seconds_bucket\{.+route="\/echo\/:id",le="10"\} \d/m,
    )
  })
})

test('the OpenAPI document is 3.1 and lists every refusal', async () => {
  const document = await (await app.request('/openapi.json')).json()
  const statuses = { '200': {}, '400': {}, '413': {}, '415': {}, '422': {}, '429': {}, '500': {} }
  expect(document).toMatchObject({
    openapi: '3.1.0',
    paths: { '/echo/{id}': { post: { responses: statuses } } },
  })
})
