import { OpenAPIHono } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { TrieRouter } from 'hono/router/trie-router'
import type { H, RouterRoute } from 'hono/types'
import { BusyError } from '../async/limiter.ts'
import { rememberedRoutes } from '../fast/remembered-routes.ts'
import { isUnavailable } from '../postgres/errors.ts'
import type { Log } from '../process/log.ts'
import type { Metrics } from '../process/metrics.ts'
import { admit } from './admit.ts'
import type { App, AppContext, AppEnv } from './context.ts'
import type { Caller, Callers } from './identity/caller.ts'
import { Problem, problemResponse } from './problem.ts'
import { requestRecord } from './request-record.ts'
import { validationProblem } from './validation.ts'

type Options = {
  log: Log
  metrics: Metrics
  callers: Callers
  /** Body limits in bytes, by path, where they are above the default. */
  largeBodies?: Readonly<Record<string, number>>
  /** Mounts routes that must not pass the middleware below: no log line, no caller, no body. */
  early?: (app: App) => void
}

/** Creates the app of a service with everything around its routes. */
export function createApp(options: Options): App {
  const { log, metrics, callers, early, largeBodies = {} } = options
  const app: App = new OpenAPIHono<AppEnv>({
    defaultHook: refuseInvalid,
    router: rememberedRoutes(new TrieRouter<[H, RouterRoute]>()),
  })
  early?.(app)
  app.use(requestRecord(log, metrics))
  app.use(admit(callers, largeBodies))
  app.onError((error, c) => problemResponse(toProblem(error, c, log), c.get('requestId')))
  // Asked only where nothing matched: as a middleware it would cost every request as much as its route.
  const checkMethod = methodNotAllowed({ app, onMethodNotAllowed: refuseMethod })
  app.notFound(async (c) => {
    c.res = problemResponse(nothingHere(), c.get('requestId'))
    await checkMethod(c, async () => {})
    return c.res
  })
  return app
}

/** Returns the caller, or throws a 401 Problem for an anonymous request. */
export function requireMember(c: AppContext): Caller {
  const caller = c.get('caller')
  if (caller) return caller
  throw notSignedIn()
}

export function notSignedIn(): Problem {
  const text = 'Send an access token: Authorization: Bearer <token>.'
  return new Problem(401, 'not_signed_in', text, { headers: { 'www-authenticate': 'Bearer' } })
}

function refuseMethod(c: AppContext, allowed: readonly string[]): Response {
  const methods = allowed.toSorted()
  const problem = new Problem(405, 'method_not_allowed', `Use ${methods.join(' or ')} here.`, {
    headers: { allow: methods.join(', ') },
  })
  return problemResponse(problem, c.get('requestId'))
}

function nothingHere(): Problem {
  return new Problem(404, 'not_found', 'Nothing is here. The documentation is at /docs.')
}

type Checked = { success: boolean; error?: { issues: Parameters<typeof validationProblem>[0] } }

function refuseInvalid(result: Checked): void {
  if (!result.success && result.error) throw validationProblem(result.error.issues)
}

// hono's own errors about a body, before a schema sees it.
const bodyTexts: Readonly<Record<number, [number, string, string]>> = {
  400: [400, 'malformed_body', 'The body cannot be read as JSON; check its syntax.'],
  415: [
    415,
    'unsupported_media_type',
    'Send JSON, with the header Content-Type: application/json.',
  ],
}

function toProblem(error: Error, c: AppContext, log: Log): Problem {
  if (error instanceof Problem) return error
  const ofBody = error instanceof HTTPException ? bodyTexts[error.status] : undefined
  if (ofBody) return new Problem(...ofBody)
  if (error instanceof BusyError) {
    return new Problem(503, 'busy', error.message, { headers: { 'retry-after': '2' } })
  }
  const request_id = c.get('requestId')
  if (isUnavailable(error)) {
    log.warn({ request_id, err: error }, 'a dependency did not answer')
    const text = 'The service cannot reach something it needs at the moment. Try again soon.'
    return new Problem(503, 'unavailable', text, { headers: { 'retry-after': '1' } })
  }
  log.error({ request_id, err: error }, 'a request failed unexpectedly')
  return new Problem(500, 'internal_error', 'Something went wrong on our side; it has been logged.')
}
