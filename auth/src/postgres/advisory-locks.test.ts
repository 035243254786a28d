import { relayLocks } from '@ego/kit/postgres/advisory-locks'
import { expect, test } from 'vitest'
import { authLocks } from './advisory-locks.ts'

test('no two locks have one number', () => {
  const numbers = [...Object.values(relayLocks), ...Object.values(authLocks)]
  expect(new Set(numbers).size).toBe(numbers.length)
})
