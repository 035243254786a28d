import { dictionary } from '@zxcvbn-ts/language-common'
import { expect, test } from 'vitest'
import { zxcvbnPasswords } from './common-passwords-zxcvbn.ts'

const common = await zxcvbnPasswords()

test('at least ten thousand passwords that would be long enough are known, in any case', () => {
  const shipped = dictionary['passwords-common'] as readonly string[]
  const allowed = new Set(shipped.filter((password) => password.length >= 8))
  expect(allowed.size).toBeGreaterThanOrEqual(10_000)
  for (const password of allowed) {
    expect([password, common.has(password)]).toEqual([password, true])
    expect([password, common.has(password.toUpperCase())]).toEqual([password, true])
  }
})

test.each(['password', '12345678', 'qwertyuiop', 'iloveyou', 'Password1', 'SUNSHINE', 'tRuStNo1'])(
  '%s is known',
  (password) => expect(common.has(password)).toBe(true),
)

test.each(['a good passphrase', 'xk7-vq2-mm9', ''])('%j is not known', (password) =>
  expect(common.has(password)).toBe(false),
)
