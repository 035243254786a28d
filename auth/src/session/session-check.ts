import type { Callers } from '@ego/kit/http/identity/caller'
import type { Problem } from '@ego/kit/http/problem'
import type { Revocations } from '../revocation/revocations.ts'
import { invalidToken } from './access-token.ts'
import type { SessionStore } from './store.ts'

/** What every operation on the caller's own sessions may refuse. */
export const sessionProblems = {
  401: '`not_signed_in`, `token_invalid`',
  503: '`unavailable`',
} as const

export function endedSession(): Problem {
  return invalidToken('The session of this access token has ended. Sign in again.')
}

/** Reads the row: this process may not know of the end yet, and the request may have waited since it came. */
export async function requireSession(
  sessions: Pick<SessionStore, 'find'>,
  sessionId: string,
): Promise<void> {
  if (!(await sessions.find(sessionId))) throw endedSession()
}

/** Checks the session too: a body may come long after the gateway verified the headers, and the session end in between. */
export function callersInSession(
  callers: Callers,
  revocations: Pick<Revocations, 'isRevoked'>,
): Callers {
  return {
    async find(header) {
      const caller = await callers.find(header)
      if (!caller || !(await revocations.isRevoked(caller.sessionId))) return caller
      throw endedSession()
    },
  }
}
