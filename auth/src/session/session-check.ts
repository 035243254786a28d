import type { Callers } from '@ego/kit/http/identity/caller'
import type { Revocations } from '../revocation/revocations.ts'
import { endedSession } from './access-token.ts'

/** The gateway verified the headers; the body may have come much later, and the session may have ended in between. */
export function livingCallers(callers: Callers, revocations: Revocations): Callers {
  return {
    async find(header) {
      const caller = await callers.find(header)
      if (!caller || !(await revocations.isRevoked(caller.sessionId))) return caller
      throw endedSession()
    },
  }
}
