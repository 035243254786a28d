import { z } from '@hono/zod-openapi'
import type { App } from './context.ts'

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'A sentence that says what to do.' }),
    code: z.string().openapi({ description: 'Stable; made for programs.' }),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem')

/** A request body. `required` makes a body of another type fail; without it, such a body would be ignored. */
export function jsonBody<S extends z.ZodType>(schema: S) {
  return { content: { 'application/json': { schema } }, required: true }
}

export function jsonAnswer<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } }
}

/** Documents refusals: each status with the codes that it may have. */
export function problems<const S extends Record<number, string>>(codes: S) {
  const answer = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problemSchema } },
  })
  return Object.fromEntries(
    Object.entries(codes).map(([status, description]) => [status, answer(description)]),
  ) as { [K in keyof S]: ReturnType<typeof answer> }
}

/** The refusals of any operation with a body. */
export const bodyProblems = {
  400: '`malformed_body`',
  413: '`body_too_large`',
  415: '`unsupported_media_type`',
  422: '`validation_failed`',
} as const

export const memberOnly = [{ bearer: [] }]
/** For operations that also work without a token. */
export const memberOrAnonymous = [{}, { bearer: [] }]

type Options = { path: string; title: string; description: string }

/** Serves the OpenAPI document of all routes. It is generated on the first request, so it includes routes mounted later. */
export function mountOpenApi(app: App, { path, title, description }: Options): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access_token of a registration or a login.',
  })
  let document: ReturnType<App['getOpenAPI31Document']> | undefined
  app.get(path, (c) => {
    document ??= describeApp(app, { title, description })
    return c.json(document, 200, { 'cache-control': 'public, max-age=60' })
  })
}

function describeApp(app: App, info: Pick<Options, 'title' | 'description'>) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { ...info, version: '1.0.0' },
    servers: [{ url: '/', description: 'Through the gateway' }],
  })
  addCommonAnswers(document.paths ?? {})
  return document
}

const common = { 429: '`too_many_requests`', 500: '`internal_error`' } as const
const ofAnyBody = { 400: bodyProblems[400], 413: bodyProblems[413] } as const

type Operation = { responses: Record<string, unknown> }

/**
 * Adds the responses that any operation may have: the gateway limits all of them, and each may have a bug. A body is checked
 * before the route is known, so also for operations without one.
 */
function addCommonAnswers(paths: object): void {
  const schema = { $ref: '#/components/schemas/Problem' }
  const content = { 'application/problem+json': { schema } }
  for (const [method, operation] of Object.values(paths).flatMap(Object.entries)) {
    if (!isOperation(operation)) continue
    const codes = method === 'get' || method === 'head' ? common : { ...ofAnyBody, ...common }
    for (const [status, description] of Object.entries(codes)) {
      operation.responses[status] ??= { description, content }
    }
  }
}

function isOperation(part: unknown): part is Operation {
  return typeof part === 'object' && part !== null && 'responses' in part
}
