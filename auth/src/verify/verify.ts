import { identityHeaders } from '@ego/contracts/identity'
import { boundedMap } from '@ego/kit/async/bounded-map'
import { notSignedIn } from '@ego/kit/http/app'
import type { App, AppContext } from '@ego/kit/http/context'
import { keptRequestId } from '@ego/kit/http/request-record'
import { getPath } from 'hono/utils/url'
import { requireStaffRole } from '../account/staff-role.ts'
import type { Revocations } from '../revocation/revocations.ts'
import { type AccessClaims, type AccessTokens, invalidToken } from '../session/access-token.ts'
import { endedSession } from '../session/session-check.ts'
import type { Assertions } from './assertion.ts'

const paths = {
  member: '/auth/verify',
  optional: '/auth/verify/optional',
  staff: '/auth/verify/staff',
} as const

export type IdentityHeaders = Readonly<Record<string, string>>

export type Verify = {
  /** What a token that was seen before is answered; `null` when it must be checked. */
  find(authorization: string): IdentityHeaders | null
  read(authorization: string): Promise<IdentityHeaders>
}

type Deps = { verify: Verify }

/**
 * What the gateway asks before every request. Mounted before the middleware of the other routes: the gateway's own log
 * line covers it, and it has no body and no caller of its own.
 */
export function mountVerify(app: App, { verify }: Deps): void {
  const identify = async (c: AppContext) => {
    // Set here, because the middleware that gives a request its id does not run before these routes.
    c.set('requestId', keptRequestId(c.req.header('x-request-id')))
    const authorization = c.req.header('authorization')
    if (!authorization) throw notSignedIn()
    return verify.read(authorization)
  }
  app.get(paths.member, async (c) => accepted(await identify(c)))
  app.get(paths.optional, async (c) =>
    accepted(c.req.header('authorization') ? await identify(c) : {}),
  )
  app.get(paths.staff, async (c) => {
    const identity = await identify(c)
    requireStaffRole(identity[identityHeaders.roles]?.split(',') ?? [])
    return accepted(identity)
  })
}

/** Nearly every request of the platform is asked about with a token that was seen before; those pass no router. */
export function answerKnown({ verify }: Deps) {
  return (request: Request): Response | null => {
    if (request.method !== 'GET') return null
    const path = getPath(request)
    if (path !== paths.member && path !== paths.optional) return null
    const authorization = request.headers.get('authorization')
    if (!authorization) return path === paths.optional ? accepted({}) : null
    const identity = verify.find(authorization)
    return identity && accepted(identity)
  }
}

function accepted(identity: IdentityHeaders): Response {
  return new Response(null, { status: 204, headers: identity })
}

type Verified = { claims: AccessClaims; headers: IdentityHeaders; freshUntilMs: number }
type VerifyDeps = {
  accessTokens: Pick<AccessTokens, 'read'>
  assertions: Assertions
  revocations: Pick<Revocations, 'isRevoked' | 'isSurelyAlive'>
  now: () => number
}

const tokensMax = 100_000

export function createVerify({ accessTokens, assertions, revocations, now }: VerifyDeps): Verify {
  const seen = boundedMap<Verified>(tokensMax)

  return {
    find(authorization) {
      const known = seen.get(tokenOf(authorization))
      const isGood =
        known && known.freshUntilMs > now() && revocations.isSurelyAlive(known.claims.sessionId)
      return isGood ? known.headers : null
    },
    async read(authorization) {
      const token = tokenOf(authorization)
      const claims = seen.get(token)?.claims ?? (await accessTokens.read(token))
      if (claims.expiresAtMs <= now()) {
        seen.delete(token)
        throw invalidToken('The access token has expired. Get a new one with POST /auth/refresh.')
      }
      if (await revocations.isRevoked(claims.sessionId)) throw endedSession()
      const { assertion, freshUntilMs } = await assertions.make(claims)
      const headers = toHeaders(claims, assertion)
      seen.set(token, {
        claims,
        headers,
        freshUntilMs: Math.min(freshUntilMs, claims.expiresAtMs),
      })
      return headers
    },
  }
}

const usualScheme = 'Bearer '
const anyScheme = /^bearer +([\w.~+/=-]+)$/i

/** Remembered by the token alone: many spellings of one header must not fill the memory. */
function tokenOf(authorization: string): string {
  const isUsual = authorization.startsWith(usualScheme) && authorization[usualScheme.length] !== ' '
  if (isUsual) return authorization.slice(usualScheme.length)
  return anyScheme.exec(authorization)?.[1] ?? ''
}

function toHeaders(claims: AccessClaims, assertion: string): IdentityHeaders {
  return {
    [identityHeaders.userId]: String(claims.userId),
    [identityHeaders.roles]: claims.roles.join(','),
    [identityHeaders.sessionId]: claims.sessionId,
    [identityHeaders.assertion]: assertion,
  }
}
