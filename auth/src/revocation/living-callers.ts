import type { Callers } from '@ego/kit/http/identity/caller'
import { endedSession } from '../verify/access-token.ts'
import type { Revocations } from './revocations.ts'

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
