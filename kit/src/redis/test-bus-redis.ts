import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import type { Bus } from '../bus.ts'
import type { Event } from '../event.ts'
import { type RedisBusOptions, redisBus } from './bus-redis.ts'
import { connectRedis } from './connection.ts'
import { redisStream } from './stream.ts'

export const deadline = { timeout: 20_000, interval: 10 }

const type = 'user.registered.v1'
const silent = { info() {}, warn() {} }

/** Buses whose keys are apart from all others, and removed in the end. */
export async function openPlace() {
  const url = redisUrl()
  await using building = new AsyncDisposableStack()
  const prefix = `test-${randomUUID()}:`
  const redis = building.use(await connectRedis(url, { log: silent, purpose: 'test' }))
  const names = {
    events: `${prefix}events`,
    dead: `${prefix}dead`,
    lease: (consumer: string) => `${prefix}lease:${consumer}`,
  }
  const keys = [names.events, names.dead, names.lease('users'), names.lease('posts')]
  building.defer(async () => void (await redis.ask((client) => client.del(...keys))))
  const buses = building.use(new AsyncDisposableStack())
  const held = building.move()
  return {
    names,
    redis,
    stream: redisStream(redis, prefix),
    open: async (options: Partial<RedisBusOptions> = {}) =>
      buses.use(await redisBus({ url, consumers: [], log: silent, prefix, ...options })),
    length: () => redis.ask((client) => client.xlen(names.events)),
    async groups() {
      const groups = await redis.ask((client) => client.xinfo('GROUPS', names.events))
      return Array.isArray(groups) ? groups.map((group) => String(group[1])).toSorted() : []
    },
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  }
}

export async function collect(
  bus: Bus,
  consumer: string,
  before: (event: Event) => Promise<void> = async () => {},
) {
  const handled: Event[] = []
  const started: number[] = []
  await bus.subscribe({
    consumer,
    types: [type],
    async handle(event) {
      started.push(performance.now())
      await before(event)
      handled.push(event)
    },
  })
  const unique = () =>
    [...new Map(handled.toReversed().map((e) => [e.id, e])).values()].toReversed()
  return { handled, started, unique }
}

/** As a relay does: the same events again until they are taken. */
export async function publish(bus: Bus, events: Event[]): Promise<void> {
  await vi.waitFor(() => bus.publish(events), { timeout: 15_000, interval: 50 })
}

export function expectOrder(handled: Event[], published: Event[]): void {
  for (const [key, events] of Map.groupBy(published, (event) => event.key)) {
    expect(handled.filter((event) => event.key === key)).toEqual(events)
  }
}

export function someEvents(count: number, keys = 7): Event[] {
  return Array.from({ length: count }, (_, n) => anEvent(n, keys))
}

export function anEvent(n: number, keys: number): Event {
  return {
    id: randomUUID(),
    type,
    key: `k${n % keys}`,
    occurred_at: '2026-11-21T10:00:00.000Z',
    request_id: null,
    payload: { n },
  }
}

export function redisUrl(): string {
  const given = process.env.EGO_TEST_REDIS
  if (!given) throw new Error('These tests need a server: run npm run test:engines.')
  return given
}
