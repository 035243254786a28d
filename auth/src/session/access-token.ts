import { tokenClaims, tokenHeader } from '@ego/contracts/identity'
import { isCanonicalToken } from '@ego/kit/http/identity/signed-token'
import { Problem } from '@ego/kit/http/problem'
import { errors, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Account } from '../account/account.ts'
import type { Keyring } from '../key/keyring.ts'
import { accessTokenSeconds } from '../key/retirement.ts'
import type { Session } from './session.ts'

export type AccessClaims = {
  userId: number
  sessionId: string
  roles: readonly string[]
  expiresAtMs: number
}

export type AccessTokens = {
  /** The same token for the same state of the session, so that a repeated refresh gets a repeated answer. */
  make(account: Pick<Account, 'userId' | 'roles'>, session: Session): Promise<string>
  secondsLeft(session: Session): number
  /** Throws a 401 Problem for anything that is not a valid access token of ours. */
  read(token: string): Promise<AccessClaims>
}

type Deps = {
  keyring: Pick<Keyring, 'sign' | 'find'>
  issuer: string
  audience: string
  now: () => number
}

const accessTokenType = 'at+jwt'
/** Ours have about 400; anything much longer is not worth parsing. */
const tokenCharactersMax = 4_096

const signedHeader = tokenHeader(accessTokenType)
// In lower case only: an ended session is known by its one spelling.
const claims = tokenClaims(accessTokenSeconds).safeExtend({
  sid: z.uuid().lowercase(),
  jti: z.string(),
})

export function createAccessTokens({ keyring, issuer, audience, now }: Deps): AccessTokens {
  return {
    make(account, { sessionId, counter, rotatedAt }) {
      const iat = Math.floor(rotatedAt.getTime() / 1000)
      return keyring.sign(accessTokenType, {
        iss: issuer,
        aud: audience,
        sub: String(account.userId),
        sid: sessionId,
        roles: [...account.roles],
        iat,
        exp: iat + accessTokenSeconds,
        jti: `${sessionId}.${counter}`,
      })
    },

    secondsLeft: ({ rotatedAt }) =>
      Math.floor(rotatedAt.getTime() / 1000) + accessTokenSeconds - Math.floor(now() / 1000),

    async read(token) {
      if (token === '') {
        throw invalidToken('Send the access token as: Authorization: Bearer <token>.')
      }
      if (token.length > tokenCharactersMax) throw invalidToken('The access token is too long.')
      if (!isCanonicalToken(token)) throw invalidToken(notValid)
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keyring.find, {
          algorithms: ['EdDSA'],
          typ: accessTokenType,
          issuer,
          audience,
          currentDate: new Date(now()),
        })
        signedHeader.parse(protectedHeader)
        const { sub, sid, roles, exp } = claims.parse(payload)
        return { userId: Number(sub), sessionId: sid, roles, expiresAtMs: exp * 1000 }
      } catch (error) {
        throw toProblem(error)
      }
    },
  }
}

const notValid = 'The access token is not valid. Sign in again.'

function toProblem(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) {
    return invalidToken(
      'The access token has expired. Get a new one with POST /auth/refresh.',
      error,
    )
  }
  const isOfToken = error instanceof errors.JOSEError || error instanceof z.ZodError
  return isOfToken ? invalidToken(notValid, error) : error
}

export function invalidToken(text: string, cause?: unknown): Problem {
  return new Problem(401, 'token_invalid', text, {
    cause,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  })
}
