import { setTimeout as sleep } from 'node:timers/promises'
import type { Ending } from '../part.ts'
import type { Platform } from '../platform.ts'
import { type Answer, isOutage, type Traffic } from './traffic.ts'

export type Fault = {
  part: string
  ending: Ending
  /** What goes on without the part: an outage of it is a violation. */
  goesOn: readonly string[]
}

/** How the platform answered from the moment a part was taken away until it was good again. */
export type Outcome = {
  name: string
  answers: readonly Answer[]
  /** From when the part was started again to the last answer that was an outage. */
  recoveryMs: number
}

const reads = [
  ...['read profile', 'read own profile', 'list posts', 'search', 'feed', 'search people'],
]
// Without a broker whoever registers has no profile for a while.
const withoutBroker = [
  ...reads,
  ...['register', 'login', 'refresh', 'rename', 'edit profile', 'follow'],
  ...['post', 'edit', 'delete'],
]
const ofUsers = ['read profile', 'read own profile', 'search people', 'edit profile', 'follow']
const ofPosts = ['list posts', 'search', 'feed', 'post', 'edit', 'delete']
const ofAuth = ['register', 'login', 'refresh', 'rename']

const goesOnWithout: Record<string, readonly string[]> = {
  // It counts guesses, and without a count nobody may guess; everything else goes on.
  redis: [...reads, 'refresh', 'edit profile', 'follow', 'post', 'edit', 'delete'],
  rabbitmq: withoutBroker,
  kafka: withoutBroker,
  postgres: [],
  users: [...ofAuth, ...ofPosts],
  posts: [...ofAuth, ...ofUsers],
}

/** Each engine stopped and killed, then two of the services. */
export function faultsOf({ parts }: Pick<Platform, 'parts'>): Fault[] {
  const engines = ['redis', 'rabbitmq', 'kafka', 'postgres'].filter((name) => parts.has(name))
  return [
    ...engines.flatMap((part) => [fault(part, 'stopped'), fault(part, 'killed')]),
    fault('users', 'killed'),
    fault('posts', 'stopped'),
  ]
}

function fault(part: string, ending: Ending): Fault {
  return { part, ending, goesOn: goesOnWithout[part] ?? [] }
}

const calmMs = 3_000
const recoveryMsMax = 30_000

type Stage = { platform: Platform; traffic: Traffic; signal: AbortSignal; seconds: number }

/** Takes a part away under load, brings it back on its data, and waits until nothing is refused any more. */
export async function suffer(fault: Fault, stage: Stage): Promise<Outcome> {
  const { platform, traffic, signal, seconds } = stage
  const part = platform.parts.get(fault.part)
  if (!part) throw new Error(`There is no ${fault.part}.`)
  const first = traffic.answers.length
  await part.stop(fault.ending)
  await sleep(seconds * 1_000)
  await part.start(signal)
  const backAt = performance.now()
  const outageAt = await becomesCalm(traffic, first)
  const answers = traffic.answers.slice(first)
  const name = `${fault.part} ${fault.ending}`
  const refused = answers.filter(
    (answer) => isOutage(answer) && fault.goesOn.includes(answer.operation),
  )
  if (refused.length > 0) {
    const operations = [...new Set(refused.map(({ operation }) => operation))].join(', ')
    traffic.violations.push(`${name}: ${refused.length} answers were outages of ${operations}.`)
  }
  const recoveryMs = Math.max(0, outageAt - backAt)
  if (recoveryMs >= recoveryMsMax) traffic.violations.push(`${name}: it did not recover.`)
  return { name, answers, recoveryMs }
}

/** When the last outage ended; the answers since then have been good for a while. */
async function becomesCalm({ answers }: Traffic, first: number): Promise<number> {
  const since = performance.now()
  for (;;) {
    const last = answers.slice(first).findLast(isOutage)
    const at = last ? last.startedAt + last.ms : since
    const now = performance.now()
    if (now - Math.max(at, since) > calmMs || now - since > recoveryMsMax) return at
    await sleep(100)
  }
}
