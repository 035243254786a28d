import { identityHeaders } from '@ego/contracts/identity'
import { boundedMap } from '@ego/kit/async/bounded-map'
import { requireStaffRole } from '../account/staff-role.ts'
import type { Revocations } from '../revocation/revocations.ts'
import {
  type AccessClaims,
  type AccessTokens,
  endedSession,
  invalidToken,
} from '../session/access-token.ts'
import type { Assertions } from './assertion.ts'

export type IdentityHeaders = Readonly<Record<string, string>>

export type Verify = {
  /** What a token that was seen before is answered; `null` where it must be looked at. */
  find(authorization: string): IdentityHeaders | null
  read(authorization: string): Promise<IdentityHeaders>
}

type Verified = { claims: AccessClaims; headers: IdentityHeaders; freshUntilMs: number }
type Deps = {
  accessTokens: AccessTokens
  assertions: Assertions
  revocations: Pick<Revocations, 'isRevoked' | 'isSurelyAlive'>
  now: () => number
}

const tokensMax = 100_000
const usualScheme = 'Bearer '
const anyScheme = /^bearer +([\w.~+/=-]+)$/i

export function verifyCaller({ accessTokens, assertions, revocations, now }: Deps): Verify {
  const seen = boundedMap<Verified>(tokensMax)

  async function verify(token: string): Promise<IdentityHeaders> {
    const claims = seen.get(token)?.claims ?? (await accessTokens.read(token))
    if (claims.expiresAtMs <= now()) {
      seen.delete(token)
      throw invalidToken('The access token has expired. Get a new one with POST /auth/refresh.')
    }
    if (await revocations.isRevoked(claims.sessionId)) throw endedSession()
    const { assertion, freshUntilMs } = await assertions.make(claims)
    const headers = toHeaders(claims, assertion)
    const stillValidMs = Math.min(freshUntilMs, claims.expiresAtMs)
    seen.set(token, { claims, headers, freshUntilMs: stillValidMs })
    return headers
  }

  return {
    find(authorization) {
      const known = seen.get(tokenOf(authorization))
      const isGood =
        known && known.freshUntilMs > now() && revocations.isSurelyAlive(known.claims.sessionId)
      return isGood ? known.headers : null
    },
    read: (authorization) => verify(tokenOf(authorization)),
  }
}

/** Kept by its token alone: nobody fills the memory with many spellings of one header. */
function tokenOf(authorization: string): string {
  const isUsual = authorization.startsWith(usualScheme) && authorization[usualScheme.length] !== ' '
  if (isUsual) return authorization.slice(usualScheme.length)
  return anyScheme.exec(authorization)?.[1] ?? ''
}

export function requireStaff(identity: IdentityHeaders): IdentityHeaders {
  requireStaffRole(identity[identityHeaders.roles]?.split(',') ?? [])
  return identity
}

function toHeaders(claims: AccessClaims, assertion: string): IdentityHeaders {
  return {
    [identityHeaders.userId]: String(claims.userId),
    [identityHeaders.roles]: claims.roles.join(','),
    [identityHeaders.sessionId]: claims.sessionId,
    [identityHeaders.assertion]: assertion,
  }
}
