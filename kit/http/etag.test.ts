import { expect, test } from 'vitest'
import { etagOf, namesEtag } from './etag.ts'

const etag = etagOf('{"a":1}')

test.each([
  [etag, true],
  [`W/${etag}`, true],
  [`"other", ${etag}`, true],
  ['*', true],
  ['"other"', false],
  ['', false],
  [undefined, false],
])('the header %j names the tag: %j', (header, isNamed) => {
  expect(namesEtag(header, etag)).toBe(isNamed)
})

test('another text has another tag', () => {
  expect(etagOf('{"a":2}')).not.toBe(etag)
  expect(etag).toMatch(/^"[\w-]{27}"$/)
})
