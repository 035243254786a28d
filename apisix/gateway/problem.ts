import { randomUUID } from 'node:crypto'
import type { Exchange, Reply } from './exchange.ts'

/** The gateway's own errors, RFC 9457. Codes are stable. */
export type ProblemCode = keyof typeof problems

const problems = {
  bad_request: [400, 'Bad Request', 'The request could not be understood.'],
  not_found: [404, 'Not Found', 'There is nothing at this address.'],
  request_timeout: [408, 'Request Timeout', 'The request took too long to arrive.'],
  body_too_large: [413, 'Content Too Large', 'The request body is larger than allowed here.'],
  expectation_failed: [417, 'Expectation Failed', 'Only Expect: 100-continue is understood.'],
  too_many_requests: [429, 'Too Many Requests', 'Too many requests. Please wait, then try again.'],
  header_too_large: [431, 'Request Header Fields Too Large', 'The request headers are too large.'],
  internal_error: [
    500,
    'Internal Server Error',
    'The gateway failed. The request id helps find why.',
  ],
  not_implemented: [501, 'Not Implemented', 'The gateway does not offer this.'],
  bad_gateway: [502, 'Bad Gateway', 'The service behind the gateway gave no usable answer.'],
  service_unavailable: [503, 'Service Unavailable', 'A service this needs is not available now.'],
  gateway_timeout: [
    504,
    'Gateway Timeout',
    'The service behind the gateway did not answer in time.',
  ],
  ip_not_allowed: [403, 'Forbidden', 'This address may not be used from your network.'],
} as const satisfies Record<string, readonly [number, string, string]>

export function problemText(
  code: ProblemCode,
  requestId: string,
  status: number = problems[code][0],
) {
  const [, title, detail] = problems[code]
  return JSON.stringify({ type: 'about:blank', title, status, detail, code, request_id: requestId })
}

export function problemStatus(code: ProblemCode): number {
  return problems[code][0]
}

/** `status` differs from the code's own only where apisix.yaml says so, as with `rejected_code`. */
export function problem(exchange: Exchange, code: ProblemCode, status?: number): Reply {
  exchange.requestId ||= randomUUID()
  return {
    status: status ?? problems[code][0],
    fields: [
      ...['content-type', 'application/problem+json'],
      ...['cache-control', 'no-store'],
      ...['x-request-id', exchange.requestId],
    ],
    body: problemText(code, exchange.requestId, status),
  }
}

/** The problem that fits a bare status, for plugins whose configuration names only that. */
export function problemForStatus(exchange: Exchange, status: number): Reply {
  for (const code of Object.keys(problems) as ProblemCode[]) {
    if (problems[code][0] === status) return problem(exchange, code)
  }
  return problem(exchange, status < 500 ? 'bad_request' : 'internal_error', status)
}
