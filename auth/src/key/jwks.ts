import type { App } from '@ego/kit/http/context'
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

// Shorter than the time between rotations: every copy that lacks a key has expired before that key signs.
const jwksSecondsMax = 3

type Deps = { keyring: Pick<Keyring, 'jwks'> }

export function mountJwks(app: App, { keyring }: Deps): void {
  app.openapi(readJwks, (c) =>
    c.json(keyring.jwks, 200, { 'cache-control': `public, max-age=${jwksSecondsMax}` }),
  )
}
