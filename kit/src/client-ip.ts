import type { AppContext } from './app.ts'

/**
 * The gateway overwrites X-Real-IP with the address it sees, so of all forwarding headers this one cannot be sent by the
 * client. A service that is reached without a gateway has to be kept inside the network.
 */
export function clientIp(c: AppContext): string {
  return c.req.header('x-real-ip') ?? c.env?.incoming?.socket?.remoteAddress ?? 'unknown'
}
