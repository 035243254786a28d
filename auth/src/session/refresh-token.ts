import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Session } from './session.ts'

/** What a token says before its mac was checked. */
export type RefreshClaim = { sessionId: string; counter: number; mac: Buffer; claim: Buffer }

export type RefreshTokens = {
  make(session: Session): string
  /** Returns `null` for text that does not have the form of a refresh token. */
  parse(token: string): RefreshClaim | null
  isAuthentic(claim: RefreshClaim, secret: Buffer): boolean
}

const idBytes = 16
const claimBytes = idBytes + 8
const tokenBytes = claimBytes + 32

/**
 * `base64url(session id ‖ counter ‖ mac)`. The mac needs both the configured key and the secret of the session: neither
 * a copy of the database nor the key alone is enough to make a token.
 */
export function createRefreshTokens(key: string): RefreshTokens {
  const sessionKeys = new WeakMap<Buffer, Buffer>()

  /** Derived once for each row that is read: checking a token and making the next one share it. */
  function sessionKeyOf(secret: Buffer): Buffer {
    const known = sessionKeys.get(secret) ?? createHmac('sha256', key).update(secret).digest()
    sessionKeys.set(secret, known)
    return known
  }

  const macOf = (claim: Buffer, secret: Buffer) =>
    createHmac('sha256', sessionKeyOf(secret)).update(claim).digest()

  return {
    make({ sessionId, counter, secret }) {
      const claim = Buffer.alloc(claimBytes)
      claim.write(sessionId.replaceAll('-', ''), 'hex')
      claim.writeBigUInt64BE(BigInt(counter), idBytes)
      return Buffer.concat([claim, macOf(claim, secret)]).toString('base64url')
    },
    parse(token) {
      const bytes = Buffer.from(token, 'base64url')
      // Decoding skips what is not base64url, so only the one spelling of the bytes is accepted.
      if (bytes.length !== tokenBytes || bytes.toString('base64url') !== token) return null
      const claim = bytes.subarray(0, claimBytes)
      return {
        sessionId: toUuid(claim.subarray(0, idBytes).toString('hex')),
        counter: Number(claim.readBigUInt64BE(idBytes)),
        mac: bytes.subarray(claimBytes),
        claim,
      }
    },
    isAuthentic: ({ claim, mac }, secret) => timingSafeEqual(macOf(claim, secret), mac),
  }
}

function toUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
