import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { call } from './client.ts'

const services = ['auth', 'users', 'posts']

describe('the documentation', () => {
  test('is the target of /', async () => {
    const answer = await call('/')
    expect([301, 302, 307, 308]).toContain(answer.status)
    expect(answer.headers.get('location')).toMatch(/\/docs$/)
  })

  test.each(['/docs', ...services.map((name) => `/${name}/docs`)])(
    '%s loads all its files from this origin',
    async (path) => {
      const page = await call(path)
      expect(page.status).toBe(200)
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
      const links = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(
        ([, link]) => link,
      )
      expect(links.length).toBeGreaterThan(3)
      for (const link of links) expect((await call(link ?? '')).status).toBe(200)
    },
  )

  test.each(services)('%s has an OpenAPI 3.1 document', async (name) => {
    const answer = await call(`/${name}/openapi.json`)
    expect(answer.status).toBe(200)
    const { openapi, paths } = z
      .object({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) })
      .parse(answer.body)
    expect(openapi).toBe('3.1.0')
    for (const path of Object.keys(paths)) expect(path).toMatch(new RegExp(`^/${name}`))
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'index.html'])(
    '/docs/%s is not found',
    async (name) => {
      expect((await call(`/docs/${name}`)).status).toBe(404)
      expect((await call(`/posts/docs/${name}`)).status).toBe(404)
    },
  )

  test.each(['verify-email', 'reset-password'])(
    'the link of a mail leads to the page %s, which loads its script',
    async (name) => {
      const page = await call(`/auth/pages/${name}`)
      expect(page.status).toBe(200)
      expect(page.headers.get('referrer-policy')).toBe('no-referrer')
      expect(page.body).toContain('/auth/pages/send.js')
      expect((await call('/auth/pages/send.js')).headers.get('content-type')).toContain(
        'javascript',
      )
    },
  )

  test('the public keys are served at both paths', async () => {
    const [long, short] = await Promise.all([
      call('/auth/.well-known/jwks.json'),
      call('/.well-known/jwks.json'),
    ])
    expect(long.status).toBe(200)
    expect(short.body).toEqual(long.body)
  })

  test('the gateway has its own health endpoint', async () => {
    expect((await call('/healthz')).status).toBe(200)
  })
})
