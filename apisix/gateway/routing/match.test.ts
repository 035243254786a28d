import { expect, test } from 'vitest'
import { parseGatewayFile } from '../file/load.ts'
import type { Exchange } from '../http/exchange.ts'
import { createMatcher } from './match.ts'

function aMatcher(routes: string) {
  const text = `routes:\n${routes.replace(/^ {4}/gm, '')}\n#END\n`
  const file = parseGatewayFile(
    'test.yaml',
    text.replaceAll('…', 'plugins: { redirect: { uri: /x } }'),
    {},
  )
  const match = createMatcher(file.routes.map((settings) => ({ settings, value: settings.id })))
  return (path: string, method = 'GET', host = 'localhost', exchange: Partial<Exchange> = {}) =>
    match({ ...exchange, path, method, host } as Exchange)
}

test('an exact path comes before a parameter, the longest prefix before the catch-all', () => {
  const match = aMatcher(`
    - { id: all, uri: /*, priority: 100, … }
    - { id: user, uri: "/users/:id", … }
    - { id: me, uri: /users/me, … }
    - { id: docs, uri: /users/docs/*, … }`)
  expect(match('/users/me')).toBe('me')
  expect(match('/users/7')).toBe('user')
  expect(match('/users/docs/a/b')).toBe('docs')
  expect(match('/users/docs/')).toBe('docs')
  expect(match('/users')).toBe('all')
  expect(match('/users/7/8')).toBe('all')
  expect(match('/users/')).toBe('all')
})

test('a parameter takes one whole segment and patterns of one place go from long to short', () => {
  const match = aMatcher(`
    - { id: user, uri: "/users/:id", … }
    - { id: avatar, uri: "/users/:id/avatar", … }
    - { id: any, uri: "/users/:id/*", … }`)
  expect(match('/users/7/avatar')).toBe('avatar')
  expect(match('/users/7')).toBe('user')
  expect(match('/users/7/x/y')).toBe('any')
  expect(match('/users//avatar')).toBeNull()
})

test('among routes of one path the priority decides, then the conditions', () => {
  const match = aMatcher(`
    - { id: low, uri: /a, … }
    - { id: high, uri: /a, priority: 1, methods: [POST], … }`)
  expect(match('/a', 'POST')).toBe('high')
  expect(match('/a', 'GET')).toBe('low')
})

test('a route whose methods, hosts or vars do not fit lets the next one try', () => {
  const match = aMatcher(`
    - { id: create, uri: /users/create, methods: [POST], … }
    - { id: user, uri: "/users/:id", … }
    - { id: api, uri: /x, hosts: ["*.example.com", api.test], … }
    - { id: jack, uri: /y, vars: [[arg_name, "==", jack], [arg_age, "!", "<", 18]], … }`)
  expect(match('/users/create', 'GET')).toBe('user')
  expect(match('/x', 'GET', 'a.example.com')).toBe('api')
  expect(match('/x', 'GET', 'example.org')).toBeNull()
  expect(match('/y', 'GET', 'h', { query: 'name=jack&age=20' })).toBe('jack')
  expect(match('/y', 'GET', 'h', { query: 'name=jack&age=7' })).toBeNull()
  expect(match('/y', 'GET', 'h', { query: 'name=jill&age=20' })).toBeNull()
})

test('patterns of vars are looked for anywhere, ~* in any case, and in takes a list', () => {
  const match = aMatcher(`
    - { id: any, uri: /x, priority: 2, vars: [[arg_a, "~*", "^jA"]], … }
    - { id: exact, uri: /x, priority: 1, vars: [[arg_a, "!", "~~", "ja"], [arg_b, in, [1, 2]]], … }`)
  expect(match('/x', 'GET', 'h', { query: 'a=Jack' })).toBe('any')
  expect(match('/x', 'GET', 'h', { query: 'a=x&b=2' })).toBe('exact')
  expect(match('/x', 'GET', 'h', { query: 'a=xja&b=2' })).toBeNull()
  expect(match('/x', 'GET', 'h', { query: 'a=x&b=3' })).toBeNull()
})

test('a route with status 0 does not exist', () => {
  expect(aMatcher('    - { id: off, uri: /a, status: 0, … }')('/a')).toBeNull()
})

test('characters of a path mean themselves', () => {
  const match = aMatcher('    - { id: dots, uri: "/a.b/:id", … }')
  expect(match('/a.b/1')).toBe('dots')
  expect(match('/axb/1')).toBeNull()
})
