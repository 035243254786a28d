import {
  assertionAudience,
  assertionClaims,
  assertionHeader,
  assertionType,
  identityHeaders,
} from '@ego/contracts/identity'
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { boundedMap } from '../../async/bounded-map.ts'
import { Problem } from '../problem.ts'
import { isCanonicalToken } from './signed-token.ts'

/** The user who sends the request, as signed by auth. */
export type Caller = { userId: number; sessionId: string; roles: readonly string[] }

export type Callers = {
  /** Resolves with `null` for an anonymous request. Throws a 401 Problem for an identity that auth did not sign. */
  find(header: (name: string) => string | undefined): Promise<Caller | null>
}

type Verified = { caller: Caller; expiresAtMs: number }
type Options = { keys: JWTVerifyGetKey; issuer: string; now?: () => number }

const cachedAssertionsMax = 20_000

/** Trusts only the assertion, and checks the plain identity headers against it. */
export function assertionCallers({ keys, issuer, now = Date.now }: Options): Callers {
  const seen = boundedMap<Verified>(cachedAssertionsMax)

  async function verify(assertion: string): Promise<Verified> {
    const { payload, protectedHeader } = await jwtVerify(assertion, keys, {
      algorithms: ['EdDSA'],
      typ: assertionType,
      issuer,
      audience: assertionAudience,
      currentDate: new Date(now()),
    })
    assertionHeader.parse(protectedHeader)
    const { sub, sid, roles, exp } = assertionClaims.parse(payload)
    return { caller: { userId: Number(sub), sessionId: sid, roles }, expiresAtMs: exp * 1000 }
  }

  async function callerOf(assertion: string): Promise<Caller> {
    const known = seen.get(assertion)
    if (known && known.expiresAtMs > now()) return known.caller
    if (!isCanonicalToken(assertion)) throw forged(notSigned)
    try {
      const verified = await verify(assertion)
      seen.set(assertion, verified)
      return verified.caller
    } catch (error) {
      throw areKeysUnavailable(error) ? unavailable(error) : forged(notSigned, error)
    }
  }

  return {
    async find(header) {
      const assertion = header(identityHeaders.assertion)
      if (assertion === undefined) {
        if (plainHeaders.every((name) => header(name) === undefined)) return null
        throw forged('Identity headers are set by the gateway; do not send them.')
      }
      const caller = await callerOf(assertion)
      if (agrees(caller, header)) return caller
      throw forged('The identity headers of this request do not agree with each other.')
    },
  }
}

const plainHeaders = [identityHeaders.userId, identityHeaders.roles, identityHeaders.sessionId]

function agrees(caller: Caller, header: (name: string) => string | undefined): boolean {
  return (
    header(identityHeaders.userId) === String(caller.userId) &&
    header(identityHeaders.sessionId) === caller.sessionId &&
    (header(identityHeaders.roles) ?? '') === caller.roles.join(',')
  )
}

const notSigned = 'The identity of this request is not signed by the auth service.'

// jose throws its generic error when the response was not a key set.
function areKeysUnavailable(error: unknown): boolean {
  if (error instanceof errors.JOSEError) {
    return error.code === errors.JWKSTimeout.code || error.code === errors.JOSEError.code
  }
  return !(error instanceof z.ZodError)
}

function unavailable(cause: unknown): Problem {
  const text = 'The auth service cannot be reached to check who you are. Try again soon.'
  return new Problem(503, 'auth_unavailable', text, { cause, headers: { 'retry-after': '1' } })
}

function forged(detail: string, cause?: unknown): Problem {
  return new Problem(401, 'identity_not_trusted', detail, { cause })
}
