import { backoffMs, pause } from '../backoff.ts'
import type { BrokerBus, BrokerOptions } from '../open-bus.ts'
import { connectRedis } from './connection.ts'
import { redisStream } from './stream.ts'
import { blockMs, startMember } from './stream-member.ts'
import { warnOfSettings } from './stream-settings.ts'

export type RedisBusOptions = BrokerOptions & {
  /** Begins every key; another one is another bus. */
  prefix?: string
  /** How soon another process reads for a consumer when one has died. */
  leaseMs?: number
  trimEveryMs?: number
}

const retry = { baseMs: 500, capMs: 10_000 }

/**
 * A stream of Redis. An event is as safe as Redis keeps what it has confirmed, which its operator decides.
 *
 * Of the processes of a consumer one reads at a time, under a lease. One that dies is followed within the lease's time;
 * one that is merely cut off starts no handler after the lease's end, by its own clock, but the handlers that it has
 * started by then may still run beside those of its successor.
 */
export async function redisBus(options: RedisBusOptions): Promise<BrokerBus> {
  const { url, consumers, log, prefix, leaseMs = 15_000, trimEveryMs = 10_000 } = options
  const connect = (purpose: string, blockMsMax = 0) =>
    connectRedis(url, { log, purpose, blockMsMax, variable: 'EVENTS_URL' })
  const redis = await connect('events')
  const stream = redisStream(redis, prefix)
  const members = new Set<AsyncDisposable>()
  const closing = new AbortController()

  const prepare = async () => {
    await stream.addGroups(consumers)
    await warnOfSettings(redis, log)
  }
  // A start goes on without Redis; what is missing then is made up for.
  const preparing = (await isDone(prepare)) ? null : untilDone(prepare, closing.signal)

  return {
    check: () => redis.check(),

    async publish(events) {
      if (events.length > 0) await stream.append(events)
    },

    async subscribe(subscription) {
      // While Redis is away, this is left to the member: the group begins with what is kept, whenever it is made.
      await stream.addGroups([subscription.consumer]).catch(() => {})
      const connectWaiter = () => connect('events-wait', blockMs)
      const member = startMember({
        stream,
        subscription,
        consumers,
        log,
        connectWaiter,
        leaseMs,
        trimEveryMs,
      })
      members.add(member)
      return {
        async [Symbol.asyncDispose]() {
          await member[Symbol.asyncDispose]()
          members.delete(member)
        },
      }
    },

    async [Symbol.asyncDispose]() {
      closing.abort()
      await Promise.all([...members].map((member) => member[Symbol.asyncDispose]()))
      await preparing
      await redis[Symbol.asyncDispose]()
    },
  }
}

async function untilDone(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let tries = 1; !signal.aborted; tries += 1) {
    await pause(backoffMs(tries, retry), signal)
    if (signal.aborted || (await isDone(work))) return
  }
}

async function isDone(work: () => Promise<void>): Promise<boolean> {
  return work().then(
    () => true,
    () => false,
  )
}
