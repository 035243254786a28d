import { z } from 'zod'

/** The headers that the gateway adds to a request whose caller auth has verified. */
export const identityHeaders = {
  userId: 'x-user-id',
  roles: 'x-user-roles',
  sessionId: 'x-session-id',
  assertion: 'x-user-assertion',
} as const

/** The assertion is a JWS by auth with the same content as the other identity headers. */
export const assertionType = 'identity+jwt'
export const assertionAudience = 'ego-services'
export const assertionLifetimeSeconds = 60

/** Strict, because a JWS with other members, such as a key, may be valid but never comes from auth. */
export function tokenHeader(typ: string) {
  return z.strictObject({ alg: z.literal('EdDSA'), kid: z.string(), typ: z.literal(typ) })
}

/** The claims of what auth signs. Wider types, such as `aud` as an array, are valid in a JWT but never come from auth. */
export function tokenClaims(lifetimeSeconds: number) {
  return z
    .object({
      aud: z.string(),
      // Beyond the safe integers, two texts would become the same number.
      sub: z
        .string()
        .regex(/^[1-9]\d{0,15}$/)
        .refine((text) => Number.isSafeInteger(Number(text))),
      sid: z.string().min(1),
      // A comma would turn one role into two in the header that lists them.
      roles: z.array(z.string().regex(/^[a-z][a-z0-9_-]*$/)),
      iat: z.int(),
      exp: z.int(),
    })
    .refine(({ iat, exp }) => iat < exp && exp - iat <= lifetimeSeconds)
}

export const assertionHeader = tokenHeader(assertionType)
export const assertionClaims = tokenClaims(assertionLifetimeSeconds)
