import { expect, test } from 'vitest'
import { leaksOf } from './open-ends.ts'

const before = { files: 40, sockets: 20, databaseConnections: 12 }

test('as many as before, and fewer, is no leak', () => {
  expect(leaksOf(before, before)).toEqual([])
  expect(leaksOf(before, { files: 39, sockets: 2, databaseConnections: 0 })).toEqual([])
})

test('one more of a kind is a leak, and named', () => {
  expect(leaksOf(before, { ...before, sockets: 21 })).toEqual(['sockets: 20 before, 21 after'])
  expect(leaksOf(before, { ...before, databaseConnections: 13 })).toEqual([
    'connections of Postgres: 12 before, 13 after',
  ])
})
