import { expect, test } from 'vitest'
import { readAvatarField } from './upload.ts'

const type = 'multipart/form-data; boundary=XX'
const part = (name: string, content: string, more = '') =>
  `--XX\r\nContent-Disposition: form-data; name="${name}"; filename="x"\r\n${more}\r\n${content}\r\n`
const large = '\0'.repeat(5_000_000)
const text = (content: string) =>
  `--XX\r\nContent-Disposition: form-data; name="text"\r\n\r\n${content}\r\n`
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

test.each([
  ['one file', 'content', part('avatar', 'content'), type],
  ['a quoted boundary', 'content', part('avatar', 'content'), 'multipart/form-data; boundary="XX"'],
  ['ten fields', 'content', part('avatar', 'content').repeat(10), type],
  ['a large file', large, part('avatar', large), type],
  ['a large text before it', 'x', text(large) + part('avatar', 'x'), type],
  ['a large file before it', 'x', part('other', large) + part('avatar', 'x'), type],
])('a form of %s is read', async (_, content, parts, ofType) => {
  const read = await readAvatarField(bytes(`${parts}--XX--\r\n`), ofType)
  expect(Buffer.from(read).equals(Buffer.from(content))).toBe(true)
})

test.each([
  ['eleven fields', part('avatar', '').repeat(11), type],
  ['seventy thousand fields', part('avatar', '').repeat(70_000), type],
  ['a header of many lines', part('avatar', '', 'A: b\r\n'.repeat(500_000)), type],
  ['seven hundred thousand boundaries', '--XX\r\n'.repeat(700_000), type],
  ['much before its first part', large + part('avatar', ''), type],
  ['a header of one long line', part('avatar', '', `A: ${'b'.repeat(500_000)}\r\n`), type],
  ['no boundary', part('avatar', 'content'), 'multipart/form-data'],
  ['another boundary', part('avatar', 'content'), 'multipart/form-data; boundary=YY'],
])('a form with %s is refused', async (_, parts, ofType) => {
  const reading = readAvatarField(bytes(`${parts}--XX--\r\n`), ofType)
  await expect(reading).rejects.toMatchObject({ status: 400, code: 'malformed_body' })
})

test('a form that is not whole is refused', async () => {
  const reading = readAvatarField(bytes(part('avatar', 'content')), type)
  await expect(reading).rejects.toMatchObject({ status: 400, code: 'malformed_body' })
})
