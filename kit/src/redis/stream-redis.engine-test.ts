import { expect, it, vi } from 'vitest'
import type { Event } from '../event.ts'
import { anEvent, collect, deadline, expectOrder, openPlace, someEvents } from './test-bus-redis.ts'

it('what is published before a known consumer ever subscribes reaches it', async () => {
  await using place = await openPlace()
  const publisher = await place.open({ consumers: ['users', 'posts'] })
  const events = someEvents(20)
  await publisher.publish(events)
  const bus = await place.open({ consumers: ['users', 'posts'] })
  const posts = await collect(bus, 'posts')
  await vi.waitFor(() => expect(posts.unique()).toHaveLength(20), deadline)
  expectOrder(posts.handled, events)
})

it('a consumer that is new gets what is still there', async () => {
  await using place = await openPlace()
  const bus = await place.open({ consumers: ['users'] })
  const events = someEvents(5)
  await bus.publish(events)
  const posts = await collect(bus, 'posts')
  await vi.waitFor(() => expect(posts.unique()).toHaveLength(5), deadline)
})

it('the stream keeps what a consumer has not handled, and removes what all of them have', async () => {
  await using place = await openPlace()
  const bus = await place.open({ consumers: ['users', 'posts'], trimEveryMs: 50 })
  const users = await collect(bus, 'users')
  const events = someEvents(2_000)
  await bus.publish(events)
  await vi.waitFor(() => expect(users.unique()).toHaveLength(2_000), deadline)
  expect(await place.length()).toBe(2_000)
  const gate = Promise.withResolvers<void>()
  const isStuck = ({ id }: Event) => id === events[1_000]?.id
  const posts = await collect(bus, 'posts', async (event) => {
    if (isStuck(event)) await gate.promise
  })
  await vi.waitFor(async () => expect(await place.length()).toBeLessThan(1_100), deadline)
  expect(await place.length()).toBeGreaterThanOrEqual(1_000)
  gate.resolve()
  await vi.waitFor(() => expect(posts.unique()).toHaveLength(2_000), deadline)
  await vi.waitFor(async () => expect(await place.length()).toBeLessThan(200), deadline)
})

it('the stream is not trimmed while a known consumer has no group', async () => {
  await using place = await openPlace()
  const { stream, names, redis } = place
  await stream.append(someEvents(1_000))
  await redis.ask((client) => client.xgroup('CREATE', names.events, 'users', '$'))
  expect(await stream.trim(['users', 'posts'])).toBe(0)
  expect(await stream.trim(['users'])).toBeGreaterThan(500)
})

it('an entry that is no event is put aside, and the events around it are handled', async () => {
  await using place = await openPlace()
  const { names, redis } = place
  const bus = await place.open({ consumers: ['users'] })
  const [before, after] = [anEvent(0, 1), anEvent(1, 1)]
  await bus.publish([before])
  await redis.ask((client) => client.xadd(names.events, '*', 'event', '{"id":7}'))
  await redis.ask((client) => client.xadd(names.events, '*', 'what', 'ever'))
  await bus.publish([after])
  const users = await collect(bus, 'users')
  await vi.waitFor(async () => {
    expect(users.unique()).toEqual([before, after])
    const dead = await redis.ask((client) => client.xrange(names.dead, '-', '+'))
    const entries = dead.map(([, fields]) => fields[5]).toSorted()
    expect(entries).toEqual(['["event","{\\"id\\":7}"]', '["what","ever"]'])
    const pending = await redis.ask((client) => client.xpending(names.events, 'users'))
    expect(Object(pending)[0]).toBe(0)
  }, deadline)
})

it('the bus goes on when Redis has lost everything', async () => {
  await using place = await openPlace()
  const { names, redis } = place
  const bus = await place.open({ consumers: ['users', 'posts'] })
  const users = await collect(bus, 'users')
  await bus.publish([anEvent(0, 1)])
  await vi.waitFor(() => expect(users.unique()).toHaveLength(1), deadline)
  await redis.ask((client) => client.del(names.events, names.dead, names.lease('users')))
  const later = anEvent(1, 1)
  await bus.publish([later])
  await vi.waitFor(() => expect(users.unique()).toContainEqual(later), deadline)
  await vi.waitFor(async () => expect(await place.groups()).toEqual(['posts', 'users']), deadline)
})

it('a Redis that may evict events is warned of at the start', async () => {
  await using place = await openPlace()
  const { redis } = place
  const reply = await redis.ask((client) => client.config('GET', 'maxmemory-policy'))
  const policy = String(Object(reply)[1])
  const warnings: unknown[] = []
  const log = { info() {}, warn: (details: unknown) => warnings.push(details) }
  try {
    await redis.ask((client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru'))
    await place.open({ log })
  } finally {
    await redis.ask((client) => client.config('SET', 'maxmemory-policy', policy))
  }
  expect(warnings).toContainEqual({ 'maxmemory-policy': 'allkeys-lru' })
})
