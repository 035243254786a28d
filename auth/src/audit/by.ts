import type { AppContext } from '@ego/kit/http/app'
import { clientIp } from '@ego/kit/http/client-ip'
import type { By } from './audit.ts'

// Clients choose it freely, and it is stored, mailed and shown.
const deviceCharactersMax = 200

/** Who sends this request, and from where. */
export function byOf(c: AppContext): By {
  const caller = c.get('caller')
  return {
    device: (c.req.header('user-agent') ?? 'unknown').slice(0, deviceCharactersMax),
    ip: clientIp(c),
    actorId: caller?.userId ?? null,
    sessionId: caller?.sessionId ?? null,
    requestId: c.get('requestId'),
  }
}
