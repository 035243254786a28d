import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, type Call, isOutage, type Traffic } from './traffic.ts'

export type Insist = (operation: string, path: string, call?: Call) => Promise<Answer>

const retryMs = 300
// Longer than any part is away; then whoever waits is told what does not come back.
const patienceMs = 90_000

/** Repeats a request until its answer is no outage, so that afterwards it is known what holds. */
export function insisting(traffic: Traffic): Insist {
  return async (operation, path, call = {}) => {
    const deadline = performance.now() + patienceMs
    // Some things are refused only because they were done already, by a request whose answer was lost.
    const first: Call = { ...call, refusals: [] }
    for (let attempt = first; ; attempt = call) {
      const answer = await traffic.call(operation, path, attempt)
      if (!isOutage(answer) && !isUnderWay(answer)) return answer
      if (performance.now() > deadline) throw new Error(`${operation} is refused for ever.`)
      await sleep(retryMs)
    }
  }
}

/** The answer to the same request before this one was lost, and it still runs. */
function isUnderWay({ operation, status }: Answer): boolean {
  return operation === 'post' && status === 409
}
