import { z } from 'zod'
import type { Event } from '../event.ts'
import { readEvent, writeEvent } from '../event-text.ts'
import type { RedisConnection } from './connection.ts'
import {
  addGroupsScript,
  appendScript,
  buryScript,
  claimScript,
  readScript,
  releaseLeaseScript,
  renewLeaseScript,
  takeLeaseScript,
  trimScript,
} from './stream-scripts.ts'

/** `event` is `null` where somebody has written what no publisher writes. */
export type StreamEntry = { id: string; event: Event | null; fields: readonly string[] }

export type StreamPage = { next: string; entries: StreamEntry[] }

/** Who reads for a consumer. The holder is another one each time, so a late command of an earlier turn does nothing. */
export type Lead = { consumer: string; holder: string }

export type RedisStream = ReturnType<typeof redisStream>

const deadMax = 1_000
const done = '0-0'

const fieldsSchema = z.array(z.string())
const pageSchema = z.tuple([z.string(), z.array(z.tuple([z.string(), fieldsSchema]))])

/** One stream for all events, and in it a group for each consumer. `prefix` keeps several of them apart in one database. */
export function redisStream({ ask }: Pick<RedisConnection, 'ask'>, prefix = 'ego:') {
  const events = `${prefix}events`
  const dead = `${prefix}dead`
  const leaseOf = (consumer: string) => `${prefix}lease:${consumer}`
  const run = (script: string, keys: string[], ...args: (string | number)[]) =>
    ask((client) => client.eval(script, keys.length, ...keys, ...args))

  return {
    async append(batch: readonly Event[]): Promise<void> {
      await run(appendScript, [events], ...batch.map((event) => writeEvent(event)))
    },

    /** Leaves those that are there as they are; a new one begins with the first entry. */
    async addGroups(consumers: Iterable<string>): Promise<void> {
      await run(addGroupsScript, [events], ...consumers)
    },

    /** Takes over what members before have left, or `null` without the lease. `next` goes on, `null` after the last. */
    async claim({ consumer, holder }: Lead, from: string, count: number) {
      const keys = [events, leaseOf(consumer)]
      const page = readPage(await run(claimScript, keys, consumer, holder, count, from))
      return page && { ...page, next: page.next === done ? null : page.next }
    },

    /** What no member has read yet, or `null` without the lease. After `next` comes what is not there yet. */
    async read({ consumer, holder }: Lead, count: number): Promise<StreamPage | null> {
      const keys = [events, leaseOf(consumer)]
      return readPage(await run(readScript, keys, consumer, holder, count))
    },

    async acknowledge(consumer: string, ids: readonly string[]): Promise<void> {
      if (ids.length > 0) await ask((client) => client.xack(events, consumer, ...ids))
    },

    /** Puts an entry aside that nobody can read. */
    async bury(consumer: string, { id, fields }: StreamEntry): Promise<void> {
      await run(buryScript, [events, dead], consumer, id, JSON.stringify(fields), deadMax)
    },

    /** Removes what every group has handled, and says how much. */
    async trim(consumers: readonly string[]): Promise<number> {
      return z.number().parse(await run(trimScript, [events], ...consumers))
    },

    /** Changes nothing for the group; resolves when there is something after the id, and after the time at the latest. */
    async waitAfter(waiter: Pick<RedisConnection, 'ask'>, id: string, ms: number): Promise<void> {
      await waiter.ask((client) => client.xread('COUNT', 1, 'BLOCK', ms, 'STREAMS', events, id))
    },

    async takeLease(lead: Lead, member: string, ms: number): Promise<boolean> {
      return (await run(takeLeaseScript, [leaseOf(lead.consumer)], member, lead.holder, ms)) === 1
    },
    async renewLease({ consumer, holder }: Lead, ms: number): Promise<boolean> {
      return (await run(renewLeaseScript, [leaseOf(consumer)], holder, ms)) === 1
    },
    async releaseLease({ consumer, holder }: Lead): Promise<void> {
      await run(releaseLeaseScript, [leaseOf(consumer)], holder)
    },
  }
}

function readPage(reply: unknown): StreamPage | null {
  if (reply === null) return null
  const [next, entries] = pageSchema.parse(reply)
  return {
    next,
    entries: entries.map(([id, fields]) => ({ id, event: eventIn(fields), fields })),
  }
}

function eventIn([name, text]: readonly string[]): Event | null {
  return name === 'event' && text !== undefined ? readEvent(text) : null
}
