import { randomUUID } from 'node:crypto'
import { type Channel, connect } from 'amqplib'
import { expect, onTestFinished, vi } from 'vitest'
import type { Bus } from '../events/bus.ts'
import type { Event } from '../events/event.ts'
import { rabbitmqBus } from '../events/rabbitmq/bus-rabbitmq.ts'
import { createLog } from '../process/log.ts'
import { openLink } from './link.ts'

export const deadline = { timeout: 40_000, interval: 20 }
export const type = 'user.registered.v1'
export const consumers = ['users', 'posts', 'mail', 'broken']
export const silent = { info() {}, warn() {} }

type Place = AsyncDisposable & { prefix: string; channel: Channel }

/** A unique prefix for names at the broker, and a channel to inspect them. */
export async function openPlace(): Promise<Place> {
  const prefix = `test-${randomUUID()}`
  const connection = await connect(rabbitmqUrl())
  const channel = await connection.createChannel()
  return {
    prefix,
    channel,
    async [Symbol.asyncDispose]() {
      for (const name of [...consumers, 'dead']) await channel.deleteQueue(`${prefix}.${name}`)
      for (const name of ['events', 'dead']) await channel.deleteExchange(`${prefix}.${name}`)
      await connection.close()
    },
  }
}

/** Opens a bus that reaches the broker through its own link. */
export async function openBus(given: { place?: Place; isCut?: boolean } = {}) {
  const place = given.place ?? (await openPlace())
  const link = await openLink(rabbitmqUrl())
  if (given.isCut) link.cut()
  const lines: string[] = []
  const write = (line: string) => {
    lines.push(String(Object(JSON.parse(line)).msg))
  }
  const log = createLog('test', 'info', { write })
  const bus = await rabbitmqBus({ url: link.url, consumers, log, prefix: place.prefix })
  onTestFinished(async () => {
    await bus[Symbol.asyncDispose]()
    await link[Symbol.asyncDispose]()
    if (!given.place) await place[Symbol.asyncDispose]()
  })
  return { bus, link, lines, place }
}

export async function collect(bus: Bus, consumer: string, before = async (_: Event) => {}) {
  const handled: string[] = []
  await bus.subscribe({
    consumer,
    types: [type],
    handle: async (event) => {
      await before(event)
      handled.push(event.id)
    },
  })
  return { handled }
}

const keys = 5

export function someEvents(count: number): Event[] {
  return Array.from({ length: count }, (_, n) => ({
    id: randomUUID(),
    type,
    key: `${n % keys}`,
    occurred_at: '2026-11-21T10:00:00.000Z',
    request_id: null,
    payload: { n },
  }))
}

/** Publishes like a relay: repeats the same events until the bus accepts them. */
export async function publish(bus: Bus, events: Event[]): Promise<void> {
  await vi.waitFor(() => bus.publish(events), deadline)
}

/** Expects that the events of each key were first handled in the order of publishing. */
export function expectOrder(handled: string[], events: Event[]): void {
  const first = [...new Set(handled)]
  for (let key = 0; key < keys; key += 1) {
    const ids = events.filter((event) => event.key === `${key}`).map(({ id }) => id)
    const known = new Set(ids)
    expect(first.filter((id) => known.has(id))).toEqual(ids)
  }
}

export function rabbitmqUrl(): string {
  const given = process.env.EGO_TEST_RABBITMQ
  if (!given) throw new Error('These tests need a server: run npm run test:engines.')
  return given
}
