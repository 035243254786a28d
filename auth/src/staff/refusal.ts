import { Problem } from '@ego/kit/http/problem'
import { staffOnly } from '../account/staff-role.ts'
import { endedSession } from '../session/session-check.ts'
import type { Refusal } from './store.ts'

const refusals: Readonly<Record<Refusal, () => Problem>> = {
  not_found: userNotFound,
  session_ended: endedSession,
  staff_only: staffOnly,
  username_taken: () => refused('username_taken', 'This username is taken. Choose another one.'),
  email_taken: () => refused('email_taken', 'Another account has this e-mail address.'),
  last_staff: () =>
    refused(
      'last_staff',
      'No account with the role staff would be left. Give the role to another user first.',
    ),
}

/** Returns the outcome of a store; throws the Problem of a refusal. */
export function accepted<T>(outcome: T | Refusal): T {
  if (isRefusal(outcome)) throw refusals[outcome]()
  return outcome
}

function isRefusal(outcome: unknown): outcome is Refusal {
  return typeof outcome === 'string' && Object.hasOwn(refusals, outcome)
}

export function userNotFound(): Problem {
  return new Problem(404, 'user_not_found', 'There is no such user; the account may be deleted.')
}

export function notOnYourself(
  text = 'You cannot do this to your own account. Ask another member of the staff.',
): Problem {
  return refused('not_on_yourself', text)
}

function refused(code: string, text: string): Problem {
  return new Problem(409, code, text)
}
