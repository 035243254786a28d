import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { startKafka } from '../../../cluster/engines/kafka.ts'
import { pause } from '../../async/backoff.ts'
import { isUnavailable } from '../../postgres/errors.ts'
import { freePort } from '../../process/free-port.ts'
import {
  anEvent,
  aPrefix,
  byKey,
  collect,
  deadline,
  publishUntilTaken,
  quiet,
  unique,
} from '../../testing/kafka.ts'
import { type Link, openLink } from '../../testing/link.ts'
import type { Event } from '../event.ts'
import { kafkaBus } from './bus-kafka.ts'

// Kafka tells clients its address, so it must advertise the address of the link: these tests start their own server.
let resources: AsyncDisposableStack
let link: Link
let direct: { url: string; log: typeof quiet; prefix: string }
let linked: typeof direct
let port: number

beforeAll(async () => {
  resources = new AsyncDisposableStack()
  const linkedPort = await freePort()
  port = await freePort()
  link = resources.use(await openLink(`kafka://127.0.0.1:${linkedPort}`))
  const advertised = Number(new URL(link.url).port)
  resources.use(await startKafka({ port, linked: { port: linkedPort, advertised } }))
})
afterAll(() => resources.disposeAsync())

beforeEach(() => {
  link.mend()
  direct = { url: `kafka://127.0.0.1:${port}`, log: quiet, prefix: aPrefix() }
  linked = { ...direct, url: link.url }
})

it('a connection that breaks repeatedly loses no event and keeps the order of a key', async () => {
  await using bus = await kafkaBus(linked)
  const handled = await collect(bus, 'users')
  const events = Array.from({ length: 400 }, (_, n) => anEvent({ key: `k${n % 7}` }))
  for (let at = 0; at < 400; at += 40) {
    const published = publishUntilTaken(bus, events.slice(at, at + 40))
    await pause(Math.random() * 30)
    link.cut()
    link.mend()
    await published
  }
  await vi.waitFor(() => expect(unique(handled)).toHaveLength(400), deadline)
  expect(byKey(handled)).toEqual(byKey(events))
})

it('publishing, checking and closing end in time when the network drops every packet', async () => {
  const bus = await kafkaBus(linked)
  await collect(bus, 'users')
  await publishUntilTaken(bus, [anEvent()])
  link.freeze()
  for (const operation of [() => bus.check(), () => bus.publish([anEvent()])]) {
    const startedAt = performance.now()
    expect(isUnavailable(await operation().catch((error: unknown) => error))).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(13_000)
  }
  const startedAt = performance.now()
  await bus[Symbol.asyncDispose]()
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})

it('a stop ends in time when the network drops every packet, also with many events to commit', async () => {
  const bus = await kafkaBus(linked)
  const handled = await collect(bus, 'users', () => pause(20))
  await publishUntilTaken(
    bus,
    Array.from({ length: 1_000 }, (_, n) => anEvent({ key: `k${n}` })),
  )
  await vi.waitFor(() => expect(handled.length).toBeGreaterThan(100), deadline)
  link.freeze()
  const startedAt = performance.now()
  await bus[Symbol.asyncDispose]()
  expect(performance.now() - startedAt).toBeLessThan(7_000)
})

it('a member that is cut off starts no handler once another one has taken over', async () => {
  await using first = await kafkaBus(linked)
  await using second = await kafkaBus(direct)
  // At the cut nothing is left to commit, so no request fails soon.
  let isCut = false
  const before: Event[] = await collect(first, 'users', async () => {
    if (before.length < 2) return
    await pause(1_000)
    if (!isCut) link.freeze()
    isCut = true
    await pause(13_000)
  })
  const events = Array.from({ length: 100 }, () => anEvent())
  await second.publish(events)
  await vi.waitFor(() => expect(isCut).toBe(true), deadline)
  const after = await collect(second, 'users')
  await vi.waitFor(() => expect(unique([...before, ...after])).toHaveLength(100), deadline)
  expect(byKey([...before, ...after])).toEqual(byKey(events))
  await vi.waitFor(() => expect(before.length).toBe(3), deadline)
  await first[Symbol.asyncDispose]()
  expect(before.length).toBe(3)
})
