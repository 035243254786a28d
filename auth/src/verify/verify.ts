import { type App, type AppContext, notSignedIn } from '@ego/kit/http/app'
import { Problem, problemResponse } from '@ego/kit/http/problem'
import { keptRequestId } from '@ego/kit/http/request-record'
import { getPath } from 'hono/utils/url'
import { type IdentityHeaders, requireStaff, type Verify } from './use-cases.ts'

const paths = {
  member: '/auth/verify',
  anybody: '/auth/verify/optional',
  staff: '/auth/verify/staff',
} as const

/** Nearly every request of the platform is asked about with a token that was seen before; those pass no router. */
export function answerKnown(verify: Verify) {
  return (request: Request): Response | null => {
    if (request.method !== 'GET') return null
    const path = getPath(request)
    if (path !== paths.member && path !== paths.anybody) return null
    const authorization = request.headers.get('authorization')
    if (!authorization) return path === paths.anybody ? accepted({}) : null
    const identity = verify.find(authorization)
    return identity && accepted(identity)
  }
}

/**
 * What the gateway asks before every request. Mounted before the middleware of the other routes: the gateway's own log
 * line covers it, and it has no body and no caller of its own.
 */
export function mountVerify(app: App, verify: Verify): void {
  const identify = async (c: AppContext) => {
    const authorization = c.req.header('authorization')
    if (!authorization) throw notSignedIn()
    return verify.read(authorization)
  }
  app.get(paths.member, (c) => answer(c, identify(c)))
  app.get(paths.anybody, (c) =>
    c.req.header('authorization') ? answer(c, identify(c)) : accepted({}),
  )
  app.get(paths.staff, (c) => answer(c, identify(c).then(requireStaff)))
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
