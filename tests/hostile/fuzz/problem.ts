import { z } from 'zod'
import type { Answer } from './wire.ts'

export const problemType = 'application/problem+json'

const problem = z.strictObject({
  type: z.string(),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  code: z.string(),
  request_id: z.string(),
  errors: z
    .array(z.strictObject({ pointer: z.string().startsWith('#'), message: z.string() }))
    .optional(),
})

/** Returns what is wrong with a problem beyond its schema, or `null`. */
export function problemFault(answer: Answer, codes: readonly string[]): string | null {
  const read = problem.safeParse(parsed(answer))
  if (!read.success) return `It is not a valid problem: ${z.prettifyError(read.error)}`
  const { status, code, request_id, errors } = read.data
  const { headers } = answer
  if (status !== answer.status) return `Its body says ${status}.`
  if (!codes.includes(code))
    return `${code} is not one of the documented codes: ${codes.join(', ')}.`
  if (request_id !== headers['x-request-id']) return 'Its request_id differs from the header.'
  if (code === 'validation_failed' && !errors?.length) return 'It names no field.'
  if (status === 401 && !headers['www-authenticate']) return 'It has no WWW-Authenticate.'
  if (status === 429 && !headers['retry-after']) return 'It has no Retry-After.'
  if (status === 405 && !headers.allow) return 'It has no Allow.'
  return null
}

export function codeOf(answer: Answer): string {
  return typeOf(answer) === problemType ? String(Object(parsed(answer)).code) : ''
}

export function typeOf({ headers }: Answer): string {
  return (headers['content-type'] ?? 'none').replace(/;.*$/, '').trim()
}

export function parsed({ body }: Answer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    // No schema accepts undefined.
    return undefined
  }
}
