import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineEvent, describeEvents } from './event.ts'

it.each(['user.registered', 'user.v1', 'User.registered.v1', 'user.registered.v0', ''])(
  'the type %j is refused',
  (type) => {
    expect(() => defineEvent(type, z.object({}), 'Told.')).toThrow(`${type} is not like`)
  },
)

it('events are described by type, a text and JSON Schema', () => {
  const schema = z.object({ user_id: z.int() })
  const followed = defineEvent('user.followed.v1', schema, 'Somebody follows.')
  expect(describeEvents([followed])).toMatchObject([
    {
      type: 'user.followed.v1',
      description: 'Somebody follows.',
      payload: { properties: { user_id: { type: 'integer' } } },
    },
  ])
})
