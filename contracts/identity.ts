import { z } from 'zod'

/** What the gateway adds to a request whose caller auth has verified. */
export const identityHeaders = {
  userId: 'x-user-id',
  roles: 'x-user-roles',
  sessionId: 'x-session-id',
  assertion: 'x-user-assertion',
} as const

/** The assertion: a JWS by auth that says the same as the headers beside it. */
export const assertionType = 'identity+jwt'
export const assertionAudience = 'ego-services'
export const assertionLifetimeSeconds = 60

/** Another header (such as a key in it) makes a valid JWS, but none that auth makes. */
export function tokenHeader(typ: string) {
  return z.strictObject({ alg: z.literal('EdDSA'), kid: z.string(), typ: z.literal(typ) })
}

/** The claims of what auth signs. Wider types, such as `aud` as an array, are valid in a JWT but never come from auth. */
export function tokenClaims(lifetimeSeconds: number) {
  return z
    .object({
      aud: z.string(),
      // Beyond the safe integers two texts would be the number of one user.
      sub: z
        .string()
        .regex(/^[1-9]\d{0,15}$/)
        .refine((text) => Number.isSafeInteger(Number(text))),
      sid: z.string().min(1),
      // A comma would make two roles of one in the header that lists them.
      roles: z.array(z.string().regex(/^[a-z][a-z0-9_-]*$/)),
      iat: z.int(),
      exp: z.int(),
    })
    .refine(({ iat, exp }) => iat < exp && exp - iat <= lifetimeSeconds)
}

export const assertionHeader = tokenHeader(assertionType)
export const assertionClaims = tokenClaims(assertionLifetimeSeconds)
