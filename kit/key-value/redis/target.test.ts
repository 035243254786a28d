import { expect, it } from 'vitest'
import { redisTarget } from './target.ts'

const base = { host: 'redis', port: 6379, family: 0, db: 0 }

it.each([
  ['redis://redis', base],
  ['redis://redis/', base],
  ['redis://redis:6380/3', { ...base, port: 6380, db: 3 }],
  ['rediss://redis', { ...base, tls: {} }],
  ['redis://:a%2Fb%40c@redis', { ...base, password: 'a/b@c' }],
  ['redis://us%C3%A9r:p%25@redis', { ...base, username: 'usér', password: 'p%' }],
  ['redis://[::1]:7000', { ...base, host: '::1', port: 7000 }],
])('%s is parsed', (url, target) => {
  expect(redisTarget(url, 'REDIS_URL')).toEqual(target)
})

it.each([
  'redis://redis/zero',
  'redis://redis/1/2',
  'redis://redis/-1',
  'redis://redis?db=1',
  'redis://:50%@redis',
])('%s is refused with a sentence that does not repeat it', (url) => {
  const failure = refusedBy(url)
  expect(failure).toMatchObject({ name: 'StartError' })
  expect(String(failure)).toMatch('REDIS_URL: ')
  expect(String(failure)).not.toContain(url.slice('redis://'.length))
})

function refusedBy(url: string): unknown {
  try {
    return redisTarget(url, 'REDIS_URL')
  } catch (error) {
    return error
  }
}
