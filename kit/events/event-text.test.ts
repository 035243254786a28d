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
  ['no JSON', '{'],
  ['no object', '"text"'],
  ['an id that no inbox takes', JSON.stringify({ ...event, id: '1' })],
  ['a zero byte in a key', JSON.stringify({ ...event, key: '\0' })],
  ['a time that is none', JSON.stringify({ ...event, occurred_at: 'today' })],
  ['no payload', JSON.stringify({ ...event, payload: undefined })],
  [
    'a payload that is nested too deeply',
    JSON.stringify(event).replace(
      /"payload":.*/,
      `"payload":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    ),
  ],
  ['no key', JSON.stringify({ ...event, key: undefined })],
  ['a request id of another kind', JSON.stringify({ ...event, request_id: 7 })],
])('%s is no event', (_, text) => {
  expect(readEvent(text)).toBeNull()
})
