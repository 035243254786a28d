import { setTimeout as sleep } from 'node:timers/promises'
import type { Ending } from '../part.ts'
import type { Platform } from '../platform.ts'
import { type Answer, isOutage, type Traffic } from './traffic.ts'

export type Fault = {
  part: string
  ending: Ending
  /** The operations that must work without the part: an outage of one is a violation. */
  unaffected: readonly string[]
}

/** How the platform answered from the end of a part until it had recovered. */
export type Outcome = {
  name: string
  answers: readonly Answer[]
  /** From the restart of the part to the last answer that was an outage. */
  recoveryMs: number
}

const reads = [
  ...['read profile', 'read own profile', 'list posts', 'search', 'feed', 'search people'],
]
// Completing a profile is missing: without a broker, a new user cannot do it yet.
const withoutBroker = [
  ...reads,
  ...['register', 'login', 'refresh', 'rename', 'edit profile', 'follow'],
  ...['post', 'edit', 'delete'],
]
const ofUsers = ['read profile', 'read own profile', 'search people', 'edit profile', 'follow']
const ofPosts = ['list posts', 'search', 'feed', 'post', 'edit', 'delete']
const ofAuth = ['register', 'login', 'refresh', 'rename']

const unaffectedBy: Record<string, readonly string[]> = {
  // Redis counts failed sign-ins, so operations that check a password do not work without it.
  redis: [...reads, 'refresh', 'edit profile', 'follow', 'post', 'edit', 'delete'],
  rabbitmq: withoutBroker,
  kafka: withoutBroker,
  postgres: [],
  users: [...ofAuth, ...ofPosts],
  posts: [...ofAuth, ...ofUsers],
}

/** Stops and kills each engine, then ends two of the services. */
export function faultsOf({ parts }: Pick<Platform, 'parts'>): Fault[] {
  const engines = ['redis', 'rabbitmq', 'kafka', 'postgres'].filter((name) => parts.has(name))
  return [
    ...engines.flatMap((part) => [fault(part, 'stopped'), fault(part, 'killed')]),
    fault('users', 'killed'),
    fault('posts', 'stopped'),
  ]
}

function fault(part: string, ending: Ending): Fault {
  return { part, ending, unaffected: unaffectedBy[part] ?? [] }
}

const calmMs = 3_000
const recoveryMsMax = 30_000

type Stage = { platform: Platform; traffic: Traffic; signal: AbortSignal; seconds: number }

/** Ends a part under load, starts it again on its data, and waits until there are no more outages. */
export async function runFault(fault: Fault, stage: Stage): Promise<Outcome> {
  const { platform, traffic, signal, seconds } = stage
  const part = platform.parts.get(fault.part)
  if (!part) throw new Error(`There is no ${fault.part}.`)
  const first = traffic.answers.length
  await part.stop(fault.ending)
  await sleep(seconds * 1_000)
  await part.start(signal)
  const backAt = performance.now()
  const outageAt = await waitForRecovery(traffic, first)
  const answers = traffic.answers.slice(first)
  const name = `${fault.part} ${fault.ending}`
  const refused = answers.filter(
    (answer) => isOutage(answer) && fault.unaffected.includes(answer.operation),
  )
  if (refused.length > 0) {
    const operations = [...new Set(refused.map(({ operation }) => operation))].join(', ')
    traffic.violations.push(`${name}: ${refused.length} requests failed: ${operations}.`)
  }
  const recoveryMs = Math.max(0, outageAt - backAt)
  if (recoveryMs >= recoveryMsMax) traffic.violations.push(`${name}: it did not recover.`)
  return { name, answers, recoveryMs }
}

/** Waits until there was no outage for a while. Resolves with the time of the last one. */
async function waitForRecovery({ answers }: Traffic, first: number): Promise<number> {
  const since = performance.now()
  for (;;) {
    const last = answers.slice(first).findLast(isOutage)
    const at = last ? last.startedAt + last.ms : since
    const now = performance.now()
    if (now - Math.max(at, since) > calmMs || now - since > recoveryMsMax) return at
    await sleep(100)
  }
}
