import { expect, test } from 'vitest'
import { banner } from '../../embedded/src/banner.ts'

test.each([
  ['http://127.0.0.1:9080', 'http://127.0.0.1:9080'],
  ['http://0.0.0.0:9080', 'http://localhost:9080'],
  ['http://[::]:9080', 'http://localhost:9080'],
  ['http://[::1]:9080', 'http://[::1]:9080'],
])('a platform that listens on %s is shown at %s', (url, shown) => {
  const platform = {
    url,
    folder: '/data',
    mailFolder: null,
    adminPassword: null,
    noteShown() {},
    async [Symbol.asyncDispose]() {},
  }
  const text = banner(platform, 1)
  expect(text).toContain(`  API         ${shown}\n`)
  expect(text).toContain(`curl -X POST ${shown}/auth/registration`)
})
