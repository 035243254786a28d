import { backoffMs, pause } from '../../async/backoff.ts'
import type { Bus, Subscription } from '../bus.ts'
import type { Event } from '../event.ts'

export type MemoryBusOptions = {
  /** Consumers that will subscribe. Publishing rejects until they have, so that no event is lost during the start. */
  consumers?: readonly string[]
  triesMax?: number
  /** How many keys one publish delivers to one consumer at the same time. */
  keysAtOnce?: number
}

type Consumer = { types: ReadonlySet<string>; members: Member[] }
type Member = { handle(event: Event): Promise<void>; isClosed(): boolean }

const retry = { baseMs: 20, capMs: 500 }

/**
 * A bus within one process that stores nothing: publish resolves when every consumer has handled the events, and rejects
 * when one of them could not, so that the events stay in the outbox.
 */
export function memoryBus(options: MemoryBusOptions = {}): Bus {
  const { triesMax = 4, keysAtOnce = 4 } = options
  const consumers = new Map<string, Consumer>()
  const expected = new Set(options.consumers)

  async function deliver(name: string, { types, members }: Consumer, events: readonly Event[]) {
    const wanted = events.filter((event) => types.has(event.type))
    if (wanted.length === 0) return
    const [member] = members
    if (!member) throw new Error(`The consumer ${name} has no subscription.`)
    await atOnce(keysAtOnce, groupByKey(wanted), async (ofKey) => {
      for (const event of ofKey) await handle(member, event, triesMax)
    })
  }

  return {
    check: async () => {},

    async publish(events) {
      const missing = expected.difference(consumers)
      if (missing.size > 0) throw new Error(`Not subscribed yet: ${[...missing].join(', ')}.`)
      const results = await Promise.allSettled(
        [...consumers].map(([name, consumer]) => deliver(name, consumer, events)),
      )
      const errors = results.filter((result) => result.status === 'rejected').map((r) => r.reason)
      if (errors.length > 0) throw new AggregateError(errors, 'Not every consumer took the events.')
    },

    async subscribe(subscription) {
      const member = createMember(subscription)
      const { consumer, types } = subscription
      // A consumer without members stays known: otherwise events published until it subscribes again would be lost.
      const members = [...(consumers.get(consumer)?.members ?? []), member]
      consumers.set(consumer, { types: new Set(types), members })
      return {
        async [Symbol.asyncDispose]() {
          const known = consumers.get(consumer)
          if (known) known.members = known.members.filter((other) => other !== member)
          await member.close()
        },
      }
    },
  }
}

function createMember({ handle, consumer }: Subscription) {
  const underWay = new Set<Promise<void>>()
  let isClosed = false
  return {
    isClosed: () => isClosed,
    async handle(event: Event) {
      if (isClosed) throw new Error(`The subscription of ${consumer} is closed.`)
      const run = handle(event)
      underWay.add(run)
      try {
        await run
      } finally {
        underWay.delete(run)
      }
    },
    async close() {
      isClosed = true
      await Promise.allSettled(underWay)
    },
  }
}

async function handle(member: Member, event: Event, triesMax: number): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await member.handle(event)
    } catch (error) {
      if (tries >= triesMax || member.isClosed()) throw error
      await pause(backoffMs(tries, retry))
    }
  }
}

function groupByKey(events: readonly Event[]): Event[][] {
  return [...Map.groupBy(events, (event) => event.key).values()]
}

/** Runs the work for all items, also after a failure, and then throws the first error. */
async function atOnce<Item>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  const errors: unknown[] = []
  const worker = async () => {
    for (const item of queue) {
      await work(item).catch((error: unknown) => errors.push(error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  if (errors.length > 0) throw errors[0]
}
