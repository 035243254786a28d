import { expect, test } from 'vitest'
import { escapePath, readTarget } from './path.ts'

test.each([
  // what the client writes, what routes see ($uri), what the upstream is sent
  ['/users/me', '/users/me', '/users/me'],
  ['/', '/', '/'],
  ['//', '/', '/'],
  ['//users///me', '/users/me', '/users/me'],
  ['/users/', '/users/', '/users/'],
  ['/users/.', '/users/', '/users/'],
  ['/users/..', '/', '/'],
  ['/users/../auth/verify', '/auth/verify', '/auth/verify'],
  ['/users/%2e%2e/auth/verify', '/auth/verify', '/auth/verify'],
  ['/users/.%2E/auth/verify', '/auth/verify', '/auth/verify'],
  ['/users%2F..%2Fauth/verify', '/auth/verify', '/auth/verify'],
  ['/users//../auth/verify', '/auth/verify', '/auth/verify'],
  ['/auth/%76erify', '/auth/verify', '/auth/verify'],
  ['/auth%2fverify', '/auth/verify', '/auth/verify'],
  ['/auth/verify%2f', '/auth/verify/', '/auth/verify/'],
  ['/auth/verify#x', '/auth/verify', '/auth/verify'],
  ['/auth/verify%23x', '/auth/verify#x', '/auth/verify%23x'],
  ['/auth/verify%3Fx', '/auth/verify?x', '/auth/verify%3Fx'],
  ['/auth/verify%20', '/auth/verify ', '/auth/verify%20'],
  ['/auth/%2576erify', '/auth/%76erify', '/auth/%2576erify'],
  ['/a/%252e%252e/b', '/a/%2e%2e/b', '/a/%252e%252e/b'],
  ['/auth;x=1/verify', '/auth;x=1/verify', '/auth;x=1/verify'],
  ['/a/%255cb', '/a/%5cb', '/a/%255cb'],
  ['/a/...', '/a/...', '/a/...'],
  ['/a/.b', '/a/.b', '/a/.b'],
  ['/caf%C3%A9', '/cafÃ©', '/caf%C3%A9'],
  ['http://other/auth/verify', '/auth/verify', '/auth/verify'],
  ['http://other', '/', '/'],
])('%s is the path %s', (written, path, sent) => {
  expect(readTarget(written)?.path).toBe(path)
  expect(escapePath(readTarget(written)?.path ?? '')).toBe(sent)
})

test.each([
  '/..',
  '/a/../../b',
  '/%2e%2e/x',
  '/a/%00',
  '/a%',
  '/a%2',
  '/a%zz',
  '*',
  'users',
  '/auth\\verify',
  '/a%5c/../b',
  '/docs/..%5cauth%5Clogin',
  'http://other\\auth/login',
  'ftp://host/x',
  '',
])('%s is refused', (written) => {
  expect(readTarget(written)).toBeNull()
})

test('a query is kept apart and as it came', () => {
  expect(readTarget('/a?x=%2F..&y=/../')).toEqual({ path: '/a', query: 'x=%2F..&y=/../' })
  expect(readTarget('/a?x#y')).toEqual({ path: '/a', query: 'x' })
})

test('an escaped path is read back as the same path by a WHATWG URL', () => {
  const path = `/a\\b#c?d%2e\t\n\x7f\xff|"<>^\`{}'`
  const { pathname, search, hash } = new URL(`http://app:1${escapePath(path)}`)
  const decoded = pathname.replace(/%(..)/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  expect(decoded).toBe(path)
  expect(search + hash).toBe('')
})
