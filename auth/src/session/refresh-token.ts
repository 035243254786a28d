import { createHmac } from 'node:crypto'
import type { Session } from './session.ts'

export type RefreshTokens = { make(session: Session): string }

const counterBytes = 8

/**
 * `base64url(session id ‖ counter ‖ mac)`. The mac wants both the configured key and the secret of the session: neither
 * a copy of the database nor the key alone is enough to make a token.
 */
export function refreshTokens(key: string): RefreshTokens {
  return {
    make(session) {
      const counter = Buffer.alloc(counterBytes)
      counter.writeBigUInt64BE(BigInt(session.counter))
      const id = Buffer.from(session.sessionId.replaceAll('-', ''), 'hex')
      const claim = Buffer.concat([id, counter])
      const sessionKey = createHmac('sha256', key).update(session.secret).digest()
      const mac = createHmac('sha256', sessionKey).update(claim).digest()
      return Buffer.concat([claim, mac]).toString('base64url')
    },
  }
}
