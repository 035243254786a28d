export type Answer = {
  /** The operation in a word or two. */
  operation: string
  /** 0 when there was no answer. */
  status: number
  startedAt: number
  ms: number
  body: unknown
}

export type Call = {
  method?: string
  token?: string
  body?: unknown
  headers?: Record<string, string>
  /** Statuses of refusals that this call may get without an outage. */
  refusals?: readonly number[]
}

export type Traffic = {
  call(operation: string, path: string, options?: Call): Promise<Answer>
  answers: readonly Answer[]
  /** Sentences about failures that no outage excuses. */
  violations: string[]
}

const answerMsMax = 15_000
// A part is down or busy. Any other status is about the request.
const outages = new Set([429, 502, 503])

/** Sends requests through the gateway, and checks every answer against the documentation. */
export function createTraffic(url: string): Traffic {
  const answers: Answer[] = []
  const violations: string[] = []
  return {
    answers,
    violations,
    async call(operation, path, options = {}) {
      const startedAt = performance.now()
      const { status, type, text } = await ask(`${url}${path}`, options)
      const ms = performance.now() - startedAt
      const body = type.includes('json') && text ? JSON.parse(text) : text
      const answer = { operation, status, startedAt, ms, body }
      answers.push(answer)
      if (!isDocumented(answer, type, options)) {
        violations.push(
          `${operation}: ${options.method ?? 'GET'} ${path} answered ${status} (${type}) after ${Math.round(ms)} ms: ${text.slice(0, 200)}`,
        )
      }
      return answer
    },
  }
}

export function isOutage({ status }: Pick<Answer, 'status'>): boolean {
  return status === 0 || status === 429 || status >= 500
}

async function ask(url: string, { method = 'GET', token, body, headers }: Call) {
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(answerMsMax),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const type = response.headers.get('content-type') ?? ''
    return { status: response.status, type, text: await response.text() }
  } catch (error) {
    return { status: 0, type: '', text: String(error) }
  }
}

function isDocumented({ status, ms }: Answer, type: string, { refusals = [] }: Call): boolean {
  if (status >= 200 && status < 300) return ms < answerMsMax
  const isExpected = outages.has(status) || refusals.includes(status)
  return isExpected && type.includes('application/problem+json')
}
