import type { App } from '@ego/kit/http/app'
import { jsonAnswer } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import type { Keyring } from './keyring.ts'

const readJwks = createRoute({
  method: 'get',
  path: '/auth/.well-known/jwks.json',
  tags: ['keys'],
  summary: 'The public keys that verify access tokens',
  responses: {
    200: jsonAnswer(
      'A JSON Web Key Set (RFC 7517)',
      z.object({
        keys: z.array(
          z.object({
            kty: z.string(),
            crv: z.string(),
            x: z.string(),
            kid: z.string(),
            alg: z.string(),
            use: z.string(),
          }),
        ),
      }),
    ),
  },
})

// Shorter than rotations are apart: every copy that lacks a key has gone before that key signs.
const jwksSecondsMax = 3

export function mountKeys(app: App, keyring: Keyring): void {
  app.openapi(readJwks, (c) =>
    c.json(keyring.jwks, 200, { 'cache-control': `public, max-age=${jwksSecondsMax}` }),
  )
}
