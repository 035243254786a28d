import fc from 'fast-check'
import type { Operation } from './document.ts'
import { type Draft, drafts } from './draft.ts'
import { fill } from './fill.ts'
import type { People } from './people.ts'
import { codeOf } from './problem.ts'
import type { Tally } from './tally.ts'
import { createJudge } from './verdict.ts'
import { type Answer, asCurl, type Send, type Wire } from './wire.ts'
import { createWorld } from './world.ts'

type Deps = {
  people: People
  send: Send
  operations: readonly Operation[]
  tally: Tally
  seed: number
  url: string
}

const shrinkMsMax = 5_000
const shownMax = 600

/** Sends requests to one operation, and reports the smallest one whose answer is not as documented. */
export function fuzzOperation({ people, send, operations, tally, seed, url }: Deps) {
  const judge = createJudge(operations)

  return async (
    operation: Operation,
    sweep: readonly Draft[],
    random: number,
  ): Promise<string[]> => {
    const world = createWorld(people, operation)

    async function sendDraft(draft: Draft): Promise<void> {
      const { wire, used } = await fill(operation, draft, world)
      const answer = await send(wire).catch((cause: unknown) => {
        throw new Error(`${asCurl(url, wire)}\ngot no answer: ${cause}`, { cause })
      })
      tally.note(operation.key, answer.status)
      const fault = judge(wire, answer)
      if (fault !== null) throw new Error(describe(wire, answer, fault))
      world.renew(used, codeOf(answer))
    }

    const property = fc.asyncProperty(drafts(operation), sendDraft)
    const own = {
      seed: seedOf(seed, operation),
      examples: sweep.map((draft): [Draft] => [draft]),
      numRuns: sweep.length + random,
    }
    const first = await fc.check(property, { ...own, endOnFailure: true })
    if (!first.failed) return []
    const { counterexamplePath } = first
    const shrinking = { path: counterexamplePath ?? '', interruptAfterTimeLimit: shrinkMsMax }
    const smaller = await fc.check(property, { ...own, ...shrinking })
    const error = (smaller.failed ? smaller : first).errorInstance
    const where = `EGO_FUZZ_SEED=${seed}, path ${counterexamplePath}`
    return [
      `${operation.key} (${where})\n${error instanceof Error ? error.message : String(error)}`,
    ]
  }

  function describe(wire: Wire, { status, body }: Answer, fault: string): string {
    return `${asCurl(url, wire)}\nis ${status}. ${fault}\n${body.toString().slice(0, shownMax)}`
  }
}

/** A different seed for each operation. */
export function seedOf(seed: number, { key }: Operation): number {
  return seed + fc.hash(key)
}
