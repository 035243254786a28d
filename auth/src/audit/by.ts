import type { AppContext } from '@ego/kit/app'
import { clientIp } from '@ego/kit/client-ip'
import type { By } from './audit.ts'

/** Who sends this request, and from where. */
export function byOf(c: AppContext): By {
  return {
    device: c.req.header('user-agent') ?? 'unknown',
    ip: clientIp(c),
    actorId: c.get('caller')?.userId ?? null,
    requestId: c.get('requestId'),
  }
}
