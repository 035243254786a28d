import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, type Call, isOutage, type Traffic } from './traffic.ts'

export type Insist = (operation: string, path: string, call?: Call) => Promise<Answer>

const retryMs = 300
// Longer than any part is down; then the request fails for good.
const patienceMs = 90_000

/** Repeats a request until its answer is not an outage, so that its outcome is known. */
export function createInsist(traffic: Traffic): Insist {
  return async (operation, path, call = {}) => {
    const deadline = performance.now() + patienceMs
    // A retry may be refused because an earlier request, whose answer was lost, has already succeeded.
    const first: Call = { ...call, refusals: [] }
    for (let attempt = first; ; attempt = call) {
      const answer = await traffic.call(operation, path, attempt)
      if (!isOutage(answer) && !isUnderWay(answer)) return answer
      if (performance.now() > deadline)
        throw new Error(`${operation} failed for ${patienceMs / 1_000} s.`)
      await sleep(retryMs)
    }
  }
}

/** The answer to an earlier attempt was lost, and that attempt is still running. */
function isUnderWay({ operation, status }: Answer): boolean {
  return operation === 'post' && status === 409
}
