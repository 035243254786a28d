import { Problem } from '@ego/kit/problem'
import type { CommonPasswords } from './common-passwords.ts'

type Chosen = { password: string; username: string; userEmail: string }

/** Refuses what is tried first: the common ones, and the owner's own name or address. */
export function refuseGuessable(common: CommonPasswords, chosen: Chosen): void {
  const given = chosen.password.toLowerCase()
  if (given === chosen.username.toLowerCase() || given === chosen.userEmail.toLowerCase()) {
    throw refusedField('password', 'Choose a password that is not your username or e-mail address.')
  }
  if (common.has(chosen.password)) {
    throw refusedField(
      'password',
      'Many people use this password, so it is guessed first. Choose another one.',
    )
  }
}

export function refusedField(field: string, message: string): Problem {
  return new Problem(422, 'validation_failed', 'Some fields are not as they should be.', {
    errors: [{ pointer: `#/${field}`, message }],
  })
}
