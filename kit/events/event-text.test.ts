import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { readEvent, writeEvent } from './event-text.ts'

const event = {
  id: randomUUID(),
  type: 'user.registered.v1',
  key: '1',
  occurred_at: '2026-11-21T10:00:00.000Z',
  request_id: null,
  payload: { name: 'Zoë 😀' },
}

it('an event is read as it was written', () => {
  expect(readEvent(writeEvent(event))).toEqual(event)
})

it.each([
  ['not JSON', '{'],
  ['not an object', '"text"'],
  ['an invalid id', JSON.stringify({ ...event, id: '1' })],
  ['a zero byte in a key', JSON.stringify({ ...event, key: '\0' })],
  ['an invalid time', JSON.stringify({ ...event, occurred_at: 'today' })],
  ['a missing payload', JSON.stringify({ ...event, payload: undefined })],
  [
    'a payload that is nested too deeply',
    JSON.stringify(event).replace(
      /"payload":.*/,
      `"payload":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    ),
  ],
  ['a missing key', JSON.stringify({ ...event, key: undefined })],
  ['a request id of a wrong type', JSON.stringify({ ...event, request_id: 7 })],
])('a text is not an event: %s', (_, text) => {
  expect(readEvent(text)).toBeNull()
})
