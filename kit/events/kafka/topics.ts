import { type Admin, UserError } from '@platformatic/kafka'
import { withTimeout } from '../../async/timeout.ts'
import { hasError } from './client.ts'

const dayMs = 86_400_000
/**
 * How long events are kept, and so how long a consumer may be down. Together with the day that a segment spans, it is less
 * than the thirty days for which an inbox recognizes settled events, so an event that is read again is never applied twice.
 */
const keepMs = 28 * dayMs
const segmentMs = dayMs

/** How many processes of a service can share its events. Adding partitions later would break the order of keys. */
const partitions = 12

/** Larger than a broker's default limit, so that every message can be copied. */
const deadBytesMax = 10 * 1024 * 1024

export type ReadyTopics = {
  events: string
  /** Holds messages that are not events. */
  dead: string
  /** Creates the missing topics, once. Several services may do so at the same time. */
  ready(): Promise<void>
  /** Makes the next `ready()` check again, after a failure that may mean that a topic is gone. */
  forget(): void
}

const readyMsMax = 5_000

export function kafkaTopics(admin: Admin, prefix: string): ReadyTopics {
  const events = `${prefix}.events`
  const dead = `${prefix}.dead`
  let made: Promise<void> | null = null

  async function make(): Promise<void> {
    await ensure(admin, events, partitions, [])
    await ensure(admin, dead, 1, [{ name: 'max.message.bytes', value: `${deadBytesMax}` }])
  }

  return {
    events,
    dead,
    async ready() {
      made ??= withTimeout(readyMsMax, make())
      const own = made
      try {
        await own
      } catch (error) {
        if (made === own) made = null
        throw error
      }
    },
    forget() {
      made = null
    },
  }
}

type Setting = { name: string; value: string }

async function ensure(admin: Admin, topic: string, partitions: number, settings: Setting[]) {
  if (await exists(admin, topic)) return
  const keep = { name: 'retention.ms', value: `${keepMs}` }
  const segment = { name: 'segment.ms', value: `${segmentMs}` }
  try {
    await admin.createTopics({
      // The broker's default replication factor.
      topics: [{ topic, partitions, replicas: -1 }],
      configs: [keep, segment, ...settings],
    })
  } catch (error) {
    if (!hasError(error, isThere)) throw error
  }
}

async function exists(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.metadata({ topics: [topic], forceUpdate: true })
    return true
  } catch (error) {
    if (error instanceof UserError && error.message.startsWith('Unknown topic')) return false
    throw error
  }
}

function isThere(error: Error): boolean {
  return 'apiId' in error && error.apiId === 'TOPIC_ALREADY_EXISTS'
}
