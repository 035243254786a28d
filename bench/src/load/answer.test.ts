import { expect, test } from 'vitest'
import { parseAnswer, requestText } from './answer.ts'

const counted = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const chunked =
  'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'
const empty = 'HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n'

test.each([
  [counted, 200, 'hello'],
  [chunked, 201, 'hello'],
  [empty, 204, ''],
])('%j is one whole answer, whatever follows it', (text, status, body) => {
  const expected = { answer: { status, body }, length: text.length }
  expect(parseAnswer(text)).toEqual(expected)
  expect(parseAnswer(`${text}HTTP/1.1 200`)).toEqual(expected)
})

test.each([counted, chunked, empty])('any beginning of %j waits for the rest', (text) => {
  for (let length = 0; length < text.length; length += 1) {
    expect(parseAnswer(text.slice(0, length))).toBeNull()
  }
})

test('a body is sent as JSON, with its length in bytes', () => {
  const text = requestText('h', { method: 'POST', path: '/a', headers: { x: 'y' }, body: ['é'] })
  expect(text).toBe(
    'POST /a HTTP/1.1\r\nhost: h\r\nx: y\r\ncontent-type: application/json\r\ncontent-length: 6\r\n\r\n["é"]',
  )
  expect(requestText('h', { path: '/' })).toBe('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
})
