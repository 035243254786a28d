import { readTarget } from '@ego/gateway/http/path'
import { findOperation, type Operation, type Response } from './document.ts'
import { parsed, problemFault, problemType, typeOf } from './problem.ts'
import { schemaChecks } from './schema-checks.ts'
import type { Answer, Wire } from './wire.ts'

/** Returns a sentence about what is wrong with an answer, or `null`. */
export type Judge = (wire: Wire, answer: Answer) => string | null

type Codes = Readonly<Record<number, readonly string[]>>

/** Refusals of the gateway itself: for an invalid request line, and for a head that is too large. */
const notReadable: Codes = { 400: ['bad_request'] }
const tooLarge: Codes = { 431: ['header_too_large'] }
/** Answers to a path that the gateway does not read as that of an operation. */
const noOperation: Codes = {
  400: ['malformed_body'],
  401: ['not_signed_in', 'token_invalid'],
  403: ['staff_only'],
  404: ['not_found'],
  405: ['method_not_allowed'],
  413: ['body_too_large'],
}
const headBytesMax = 15 * 1024

export function createJudge(operations: readonly Operation[]): Judge {
  const faultOf = schemaChecks()

  return (wire, answer) => {
    if (answer.status >= 500) return 'The server failed.'
    if (!answer.headers['x-request-id']) return 'It has no X-Request-Id.'
    const path = readPath(wire, answer)
    if (typeof path !== 'string') return refusalFault(answer, path)
    if (path === '/' && answer.status === 302) return null
    const operation = findOperation(operations, wire.method, path)
    return operation ? operationFault(operation, answer) : refusalFault(answer, noOperation)
  }

  function operationFault({ key, responses, definitions }: Operation, answer: Answer) {
    const response = responses[answer.status]
    if (!response) return `${key} documents no answer ${answer.status}.`
    return (
      contentFault(response, answer) ??
      schemaFault(response, answer, definitions) ??
      headerFault(response, answer)
    )
  }

  function schemaFault(response: Response, answer: Answer, definitions: Operation['definitions']) {
    const type = typeOf(answer)
    if (!type.endsWith('json')) return null
    const fault = faultOf(response.content[type]?.schema ?? {}, definitions, parsed(answer))
    if (fault !== null || type !== problemType) return fault
    const codes = [...response.description.matchAll(/`(\w+)`/g)].map(([, code]) => code ?? '')
    return problemFault(answer, codes)
  }
}

/** The path as the gateway reads it, or the codes of its refusal. */
function readPath(wire: Wire, { status }: Answer): string | Codes {
  if (status === 431 && bytesOfHead(wire) > headBytesMax) return tooLarge
  if (/[^\x21-\x7e]/.test(wire.target)) return notReadable
  return readTarget(wire.target)?.path ?? notReadable
}

function contentFault({ content }: Response, answer: Answer): string | null {
  const types = Object.keys(content)
  const isEmpty = answer.body.length === 0
  if (types.length === 0) return isEmpty ? null : 'It has a body.'
  if (!types.includes(typeOf(answer))) return `Its type is not ${types.join(' or ')}.`
  return isEmpty ? 'It has no body.' : null
}

function refusalFault(answer: Answer, codes: Codes): string | null {
  const expected = codes[answer.status]
  if (!expected) return `Only ${Object.keys(codes).join(' or ')} may answer this path or head.`
  if (typeOf(answer) !== problemType) return `Its type is ${typeOf(answer)}, not ${problemType}.`
  return problemFault(answer, expected)
}

function headerFault({ headers }: Response, answer: Answer): string | null {
  const missing = Object.keys(headers).find(
    (name) => headers[name]?.required && answer.headers[name.toLowerCase()] === undefined,
  )
  return missing === undefined ? null : `It has no ${missing}.`
}

function bytesOfHead({ target, headers }: Wire): number {
  const lines = Object.entries(headers).map(([name, value]) => name.length + value.length + 4)
  return lines.reduce((sum, bytes) => sum + bytes, target.length)
}
