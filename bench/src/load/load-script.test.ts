import { expect, test } from 'vitest'
import { scriptOf } from './load-script.ts'

test('a refresh goes on with the token that the answer before it has brought', () => {
  const script = scriptOf({ kind: 'refresh', refreshTokens: ['a', 'b'] }, 1)
  expect(script(null).body).toEqual({ refresh_token: 'b' })
  const answer = { status: 200, body: '{"refresh_token":"c"}' }
  expect(script(answer).body).toEqual({ refresh_token: 'c' })
})

test('connections begin their logins with different names, and take all in turn', () => {
  const work = { kind: 'login', names: ['a', 'b', 'c'], password: 'p' } as const
  const script = scriptOf({ ...work, names: [...work.names] }, 2)
  const names = [script(null), script(null)].map(({ body }) => body)
  expect(names).toEqual([
    { username: 'c', password: 'p' },
    { username: 'a', password: 'p' },
  ])
})

test('more connections than tokens share them', () => {
  const script = scriptOf({ kind: 'post', accessTokens: ['a', 'b'] }, 3)
  expect(script(null).headers).toEqual({ authorization: 'Bearer b' })
})
