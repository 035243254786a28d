import { z } from 'zod'

// What the two kinds of tokens that auth signs have in common. Other headers and wider types (a key in the header, `aud`
// as an array, `exp` as a fraction) make valid JWTs, but none that auth makes.

export function tokenHeader(typ: string) {
  return z.strictObject({ alg: z.literal('EdDSA'), kid: z.string(), typ: z.literal(typ) })
}

/** For tokens of one audience that live for at most so long. */
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

/** Decoding skips what is not base64url and spare bits at the end; only the one spelling that a signer makes is taken. */
export function isCanonicalToken(token: string): boolean {
  return token
    .split('.')
    .every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}
