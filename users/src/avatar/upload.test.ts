import { expect, test } from 'vitest'
import { isSimpleForm } from './upload.ts'

const type = 'multipart/form-data; boundary=XX'
const part = (name: string, content: string, more = '') =>
  `--XX\r\nContent-Disposition: form-data; name="${name}"; filename="x"\r\n${more}\r\n${content}\r\n`
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1')).buffer

test.each([
  ['one file', part('avatar', 'content'), type],
  ['a quoted boundary', part('avatar', 'content'), 'multipart/form-data; boundary="XX"'],
  ['ten fields', part('avatar', 'content').repeat(10), type],
  ['a large file', part('avatar', '\0'.repeat(5_000_000)), type],
])('%s is simple', (_, parts, ofType) => {
  expect(isSimpleForm(bytes(`${parts}--XX--\r\n`), ofType)).toBe(true)
})

test.each([
  ['eleven fields', part('avatar', '').repeat(11), type],
  ['seventy thousand fields', part('avatar', '').repeat(70_000), type],
  ['a header of many lines', part('avatar', '', 'A: b\r\n'.repeat(500_000)), type],
  ['no boundary', part('avatar', 'content'), 'multipart/form-data'],
  ['another boundary', part('avatar', 'content'), 'multipart/form-data; boundary=YY'],
])('%s is not', (_, parts, ofType) => {
  expect(isSimpleForm(bytes(`${parts}--XX--\r\n`), ofType)).toBe(false)
})

test('what is not whole is not', () => {
  expect(isSimpleForm(bytes(part('avatar', 'content')), type)).toBe(false)
})
