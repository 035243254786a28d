import { invalidField } from '@ego/kit/http/validation'

export type CommonPasswords = { has(password: string): boolean }

type Chosen = { password: string; username: string; userEmail: string }

/** Refuses what is guessed first: the common passwords, and the owner's own name or address. */
export function refuseGuessable(common: CommonPasswords, chosen: Chosen): void {
  const given = chosen.password.toLowerCase()
  if (given === chosen.username.toLowerCase() || given === chosen.userEmail.toLowerCase()) {
    throw invalidField(
      '#/password',
      'Choose a password that is not your username or e-mail address.',
    )
  }
  if (common.has(chosen.password)) {
    throw invalidField(
      '#/password',
      'Many people use this password, so it is guessed first. Choose another one.',
    )
  }
}
