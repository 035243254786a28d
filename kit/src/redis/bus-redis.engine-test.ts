import { expect, it, vi } from 'vitest'
import { pause } from '../backoff.ts'
import { busContract } from '../bus.contract.ts'
import { createLog } from '../log.ts'
import { openBus } from '../open-bus.ts'
import { isUnavailable } from '../postgres-errors.ts'
import { openLink } from '../test-link.ts'
import { openHands } from './stream-hands.ts'
import { takeLease } from './stream-lease.ts'
import {
  collect,
  deadline,
  expectOrder,
  openPlace,
  publish,
  redisUrl,
  someEvents,
} from './test-bus-redis.ts'

const url = redisUrl()
const silentLog = createLog('test', 'silent')

busContract('redisBus', async () => {
  const place = await openPlace()
  return { bus: await place.open(), [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() }
})

it('an EVENTS_URL of redis opens it', async () => {
  await using link = await openLink(url)
  await using resources = new AsyncDisposableStack()
  link.cut()
  const bus = await openBus({ config: { EVENTS_URL: link.url }, log: silentLog, resources })
  const failure = await bus.check().catch((error: unknown) => error)
  expect(isUnavailable(failure)).toBe(true)
})

it('a publish rejects while the line is cut, and everything arrives in order when it is back', async () => {
  await using place = await openPlace()
  await using link = await openLink(url)
  const bus = await place.open({ url: link.url })
  const users = await collect(bus, 'users')
  const events = someEvents(300)
  await bus.publish(events.slice(0, 100))
  await vi.waitFor(() => expect(users.handled.length).toBeGreaterThan(10), deadline)
  link.cut()
  const failure = await bus.publish(events.slice(100)).catch((error: unknown) => error)
  expect(isUnavailable(failure)).toBe(true)
  await expect(bus.check()).rejects.toThrow()
  link.mend()
  await publish(bus, events.slice(100))
  await vi.waitFor(() => expect(users.unique()).toHaveLength(300), deadline)
  expectOrder(users.unique(), events)
})

it('a publish into a frozen line rejects after some seconds', async () => {
  await using place = await openPlace()
  await using link = await openLink(url)
  const bus = await place.open({ url: link.url })
  link.freeze()
  const startedAt = performance.now()
  const failure = await bus.publish(someEvents(1)).catch((error: unknown) => error)
  expect(isUnavailable(failure)).toBe(true)
  expect(performance.now() - startedAt).toBeLessThan(5_000)
})

it('a start goes on without Redis, and everything works once it is there', async () => {
  await using place = await openPlace()
  await using link = await openLink(url)
  link.cut()
  const startedAt = performance.now()
  const bus = await place.open({ url: link.url })
  const users = await collect(bus, 'users')
  expect(performance.now() - startedAt).toBeLessThan(8_000)
  await expect(bus.publish(someEvents(1))).rejects.toThrow()
  link.mend()
  await publish(bus, someEvents(3))
  await vi.waitFor(() => expect(users.unique()).toHaveLength(3), deadline)
})

it('a start without Redis makes the groups of all consumers later', async () => {
  await using place = await openPlace()
  await using link = await openLink(url)
  link.cut()
  await place.open({ url: link.url, consumers: ['users', 'posts'] })
  link.mend()
  await vi.waitFor(async () => expect(await place.groups()).toEqual(['posts', 'users']), deadline)
})

it('a handler that outlives the lease is not handed to another, since the lease is renewed', async () => {
  await using place = await openPlace()
  const leaseMs = 600
  const [first, second] = [await place.open({ leaseMs }), await place.open({ leaseMs })]
  const before = await collect(first, 'users', () => pause(4 * leaseMs))
  await first.publish(someEvents(1))
  await vi.waitFor(() => expect(before.started.length).toBe(1), deadline)
  const after = await collect(second, 'users')
  await vi.waitFor(() => expect(before.handled.length).toBe(1), deadline)
  expect(after.started).toEqual([])
})

it('a holder that is cut off is followed within its lease, which begins with what it left', async () => {
  await using place = await openPlace()
  await using link = await openLink(url)
  const leaseMs = 1_500
  const first = await place.open({ url: link.url, leaseMs })
  const second = await place.open({ leaseMs })
  const gate = Promise.withResolvers<void>()
  const stuck = await collect(first, 'users', () => gate.promise)
  const events = someEvents(30)
  await second.publish(events.slice(0, 20))
  await vi.waitFor(() => expect(stuck.started.length).toBe(4), deadline)
  const users = await collect(second, 'users')
  link.freeze()
  const frozenAt = performance.now()
  await second.publish(events.slice(20))
  await vi.waitFor(() => expect(users.unique()).toHaveLength(30), deadline)
  expect(performance.now() - frozenAt).toBeLessThan(leaseMs + 2_500)
  expectOrder(users.handled, events)
  gate.resolve()
})

it('a holder that is cut off starts no handler once its successor has begun', async () => {
  await using place = await openPlace()
  await using link = await openLink(url)
  const leaseMs = 1_000
  const first = await place.open({ url: link.url, leaseMs })
  const second = await place.open({ leaseMs })
  const before = await collect(first, 'users', () => pause(50))
  const events = someEvents(100, 1)
  await second.publish(events)
  await vi.waitFor(() => expect(before.started.length).toBeGreaterThan(1), deadline)
  const after = await collect(second, 'users', () => pause(20))
  link.freeze()
  await vi.waitFor(() => {
    const ids = new Set([...before.unique(), ...after.unique()].map(({ id }) => id))
    expect(ids.size).toBe(100)
  }, deadline)
  expect(after.unique().length).toBeGreaterThan(10)
  expectOrder(after.handled, events.slice(-after.handled.length))
  expect(Math.max(...before.started)).toBeLessThan(Math.min(...after.started))
})

it('a holder that stood still for longer than its lease handles nothing more', async () => {
  await using place = await openPlace()
  const { stream } = place
  await stream.addGroups(['users'])
  await stream.append(someEvents(1))
  const leaseMs = 100
  await using lease = await takeLease({ stream, consumer: 'users', member: 'first', leaseMs })
  if (!lease) throw new Error('Nobody else is here.')
  const page = await stream.read(lease.lead, 10)
  const until = performance.now() + 2 * leaseMs
  while (performance.now() < until);
  let handled = 0
  const handle = async () => {
    handled += 1
  }
  const subscription = { consumer: 'users', types: ['user.registered.v1'], handle }
  const { signal } = new AbortController()
  await using hands = openHands(lease, { stream, subscription, log: { warn() {} }, signal })
  hands.take(page?.entries ?? [])
  await vi.waitFor(() => expect(hands.ended.aborted).toBe(true), deadline)
  expect(page?.entries).toHaveLength(1)
  expect(handled).toBe(0)
})

it('a line that breaks for a moment does not make its holder wait for its own lease', async () => {
  await using place = await openPlace()
  await using link = await openLink(url)
  const bus = await place.open({ url: link.url, leaseMs: 60_000 })
  const users = await collect(bus, 'users')
  await publish(bus, someEvents(1))
  await vi.waitFor(() => expect(users.unique()).toHaveLength(1), deadline)
  link.mend()
  await publish(bus, someEvents(1))
  await vi.waitFor(() => expect(users.unique()).toHaveLength(2), deadline)
})

it('a reader without the lease is given nothing, and takes nothing from the one that has it', async () => {
  await using place = await openPlace()
  const { stream } = place
  await stream.addGroups(['users'])
  const events = someEvents(3)
  await stream.append(events)
  const lead = { consumer: 'users', holder: 'first/1' }
  const other = { consumer: 'users', holder: 'second/1' }
  expect(await stream.takeLease(lead, 'first', 60_000)).toBe(true)
  expect(await stream.takeLease(other, 'second', 60_000)).toBe(false)
  expect(await stream.read(other, 10)).toBeNull()
  expect(await stream.claim(other, '0-0', 10)).toBeNull()
  expect((await stream.read(lead, 2))?.entries.map(({ event }) => event)).toEqual(
    events.slice(0, 2),
  )
  const pending = await stream.claim(lead, '0-0', 10)
  expect(pending?.entries.map(({ event }) => event)).toEqual(events.slice(0, 2))
  await stream.releaseLease(lead)
  expect(await stream.takeLease(other, 'second', 60_000)).toBe(true)
})
