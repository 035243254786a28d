import { randomUUID } from 'node:crypto'
import { Problem, problemBody } from '@ego/kit/http/problem'
import type { Exchange, Reply } from './exchange.ts'

/** The gateway's own errors, RFC 9457. Codes are stable. */
export type ProblemCode = keyof typeof known

const known = {
  bad_request: [400, 'The request could not be understood.'],
  forbidden: [403, 'This request is not allowed.'],
  ip_not_allowed: [403, 'This address may not be used from your network.'],
  not_found: [404, 'There is nothing at this address.'],
  request_timeout: [408, 'The request took too long to arrive.'],
  body_too_large: [413, 'The request body is larger than allowed here.'],
  expectation_failed: [417, 'Only Expect: 100-continue is understood.'],
  too_many_requests: [429, 'Too many requests. Please wait, then try again.'],
  header_too_large: [431, 'The request headers are too large.'],
  internal_error: [500, 'The gateway failed. The request id helps find why.'],
  not_implemented: [501, 'The gateway does not offer this.'],
  bad_gateway: [502, 'The service behind the gateway gave no usable answer.'],
  service_unavailable: [503, 'A service this needs is not available now.'],
  gateway_timeout: [504, 'The service behind the gateway did not answer in time.'],
} as const satisfies Record<string, readonly [number, string]>

export function problemText(
  code: ProblemCode,
  requestId: string,
  status: number = problemStatus(code),
): string {
  return JSON.stringify(problemBody(new Problem(status, code, known[code][1]), requestId))
}

export function problemStatus(code: ProblemCode): number {
  return known[code][0]
}

/** `status` differs from the code's own only where apisix.yaml says so, as with `rejected_code`. */
export function problem(
  exchange: Pick<Exchange, 'requestId'>,
  code: ProblemCode,
  status: number = problemStatus(code),
): Reply {
  exchange.requestId ||= randomUUID()
  const { requestId } = exchange
  return {
    status,
    fields: [
      ...['content-type', 'application/problem+json'],
      ...['cache-control', 'no-store'],
      ...['x-request-id', requestId],
    ],
    body: problemText(code, requestId, status),
  }
}

/** The first problem with that status, for plugins whose settings name only a status. */
export function problemForStatus(exchange: Exchange, status: number): Reply {
  for (const code of Object.keys(known) as ProblemCode[]) {
    if (problemStatus(code) === status) return problem(exchange, code)
  }
  return problem(exchange, status < 500 ? 'bad_request' : 'internal_error', status)
}
