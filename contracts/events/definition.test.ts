import { expect, it } from 'vitest'
import { z } from 'zod'
import { events } from './all.ts'
import { defineEvent } from './definition.ts'

const rest = {
  producer: 'users',
  consumers: [],
  description: 'Made by a test.',
  payload: {},
} as const

it.each(['user.registered', 'user.v1', 'User.registered.v1', 'user.registered.v0', ''])(
  'the type %j is refused',
  (type) => {
    expect(() => defineEvent({ ...rest, type })).toThrow(`${type} is not like`)
  },
)

it('a producer cannot send a field that the definition does not have', () => {
  const { payload } = defineEvent({ ...rest, type: 'a.b.v1', payload: { n: z.int() } })
  expect(payload.safeParse({ n: 1 }).success).toBe(true)
  expect(payload.safeParse({ n: 1, secret: 'x' }).success).toBe(false)
})

it('no two events have one type', () => {
  expect(new Set(events.map(({ type }) => type)).size).toBe(events.length)
})
