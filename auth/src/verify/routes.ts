import { randomUUID } from 'node:crypto'
import type { App, AppContext } from '@ego/kit/app'
import { Problem, problemResponse } from '@ego/kit/problem'
import { type IdentityHeaders, requireStaff, type Verify } from './use-cases.ts'

const anonymous = new Problem(
  401,
  'not_signed_in',
  'Send an access token: Authorization: Bearer <token>.',
  { headers: { 'www-authenticate': 'Bearer' } },
)

/**
 * What the gateway asks before every request. Mounted before the middleware of the other routes: the gateway's own log
 * line covers it, and it has no body and no caller of its own.
 */
export function mountVerify(app: App, verify: Verify): void {
  const member = async (authorization: string | undefined) => {
    if (!authorization) throw anonymous
    return verify(authorization)
  }
  app.get('/auth/verify', (c) => {
    const authorization = c.req.header('authorization')
    const identity = authorization ? verify(authorization) : undefined
    // A token that was verified before is answered without a promise.
    if (identity && !(identity instanceof Promise)) return accepted(identity)
    return answer(c, () => identity ?? member(authorization))
  })
  app.get('/auth/verify/optional', (c) => {
    const authorization = c.req.header('authorization')
    return answer(c, () => (authorization ? verify(authorization) : {}))
  })
  app.get('/auth/verify/staff', (c) =>
    answer(c, async () => requireStaff(await member(c.req.header('authorization')))),
  )
}

async function answer(c: AppContext, identify: () => IdentityHeaders | Promise<IdentityHeaders>) {
  try {
    return accepted(await identify())
  } catch (error) {
    // Set here, because the middleware that gives a request its id does not run before these routes.
    c.set('requestId', c.req.header('x-request-id') ?? randomUUID())
    if (error instanceof Problem) return problemResponse(error, c.get('requestId'))
    throw error
  }
}

function accepted(identity: IdentityHeaders): Response {
  return new Response(null, { status: 204, headers: identity })
}
