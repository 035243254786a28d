import { type App, type AppContext, notSignedIn } from '@ego/kit/app'
import { Problem, problemResponse } from '@ego/kit/problem'
import { keptRequestId } from '@ego/kit/request-record'
import { type IdentityHeaders, requireStaff, type Verify } from './use-cases.ts'

/**
 * What the gateway asks before every request. Mounted before the middleware of the other routes: the gateway's own log
 * line covers it, and it has no body and no caller of its own.
 */
export function mountVerify(app: App, verify: Verify): void {
  app.get('/auth/verify', (c) => {
    const authorization = c.req.header('authorization')
    const identity = authorization ? verify(authorization) : Promise.reject(notSignedIn())
    // A token that was verified before is answered without a promise.
    return identity instanceof Promise ? answer(c, identity) : accepted(identity)
  })
  app.get('/auth/verify/optional', (c) => {
    const authorization = c.req.header('authorization')
    const identity = authorization ? verify(authorization) : {}
    return identity instanceof Promise ? answer(c, identity) : accepted(identity)
  })
  app.get('/auth/verify/staff', (c) => answer(c, verifyStaff(c.req.header('authorization'))))

  async function verifyStaff(authorization: string | undefined): Promise<IdentityHeaders> {
    if (!authorization) throw notSignedIn()
    return requireStaff(await verify(authorization))
  }
}

async function answer(c: AppContext, identity: Promise<IdentityHeaders>): Promise<Response> {
  try {
    return accepted(await identity)
  } catch (error) {
    // Set here, because the middleware that gives a request its id does not run before these routes.
    c.set('requestId', keptRequestId(c.req.header('x-request-id')))
    if (error instanceof Problem) return problemResponse(error, c.get('requestId'))
    throw error
  }
}

function accepted(identity: IdentityHeaders): Response {
  return new Response(null, { status: 204, headers: identity })
}
