import { expect, it, vi } from 'vitest'
import { pause } from '../../async/backoff.ts'
import { StartError } from '../../process/start-error.ts'
import {
  collect,
  consumers,
  deadline,
  expectOrder,
  openBus,
  openPlace,
  publish,
  rabbitmqUrl,
  silent,
  someEvents,
  type,
} from '../../testing/bus-rabbitmq.ts'
import { busContract } from '../bus.contract.ts'
import type { Event } from '../event.ts'
import { rabbitmqBus } from './bus-rabbitmq.ts'

const isAway = (line: string) => line === 'RabbitMQ is unavailable.'
const isBack = (line: string) => line === 'RabbitMQ is available again.'

busContract('rabbitmqBus', async () => {
  const place = await openPlace()
  const { prefix } = place
  const bus = await rabbitmqBus({ url: rabbitmqUrl(), consumers: [], log: silent, prefix })
  return {
    bus,
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    },
  }
})

it('a publish that is cut off rejects, and its repetition reaches every consumer in order', async () => {
  const { bus, link } = await openBus()
  const users = await collect(bus, 'users')
  const posts = await collect(bus, 'posts')
  const events = someEvents(3_000)
  const outcome = bus.publish(events).catch((error: unknown) => error)
  await vi.waitFor(() => expect(users.handled.length).toBeGreaterThan(100), deadline)
  link.cut()
  expect(await outcome).toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
  await expect(bus.publish(events)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
  await expect(bus.check()).rejects.toThrow('There is no connection to RabbitMQ.')
  link.mend()
  await publish(bus, events)
  await vi.waitFor(() => {
    expect(new Set(users.handled).size).toBe(events.length)
    expect(new Set(posts.handled).size).toBe(events.length)
  }, deadline)
  expectOrder(users.handled, events)
  expectOrder(posts.handled, events)
  await expect(bus.check()).resolves.toBeUndefined()
})

it('events that were unconfirmed when the connection was cut do not count as published', async () => {
  const { bus, link } = await openBus()
  await publish(bus, someEvents(1))
  link.freeze()
  const outcome = bus.publish(someEvents(10)).catch((error: unknown) => error)
  link.cut()
  expect(await outcome).toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
})

it('a publish over a frozen connection rejects after some seconds', async () => {
  const { bus, link } = await openBus()
  await publish(bus, someEvents(1))
  link.freeze()
  const startedAt = performance.now()
  await expect(bus.publish(someEvents(1))).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
  expect(performance.now() - startedAt).toBeLessThan(12_000)
})

it('an event whose connection was lost is redelivered after its handler has ended', async () => {
  const { bus, link, lines } = await openBus()
  const gate = Promise.withResolvers<void>()
  let running = 0
  let most = 0
  const users = await collect(bus, 'users', async () => {
    running += 1
    most = Math.max(most, running)
    await gate.promise
    running -= 1
  })
  const events = someEvents(1)
  await publish(bus, events)
  await vi.waitFor(() => expect(running).toBe(1), deadline)
  link.mend()
  await vi.waitFor(() => expect(lines.filter(isBack)).toHaveLength(2), deadline)
  await pause(500)
  expect(most).toBe(1)
  gate.resolve()
  await vi.waitFor(() => expect(users.handled).toHaveLength(2), deadline)
  expect(most).toBe(1)
  expect(new Set(users.handled)).toEqual(new Set(events.map(({ id }) => id)))
})

it('a frozen network is detected and logged once', async () => {
  const { bus, link, lines } = await openBus()
  const users = await collect(bus, 'users')
  link.freeze()
  const startedAt = performance.now()
  await vi.waitFor(() => expect(lines.filter(isAway)).toHaveLength(2), deadline)
  expect(performance.now() - startedAt).toBeLessThan(22_000)
  link.mend()
  const events = someEvents(10)
  await publish(bus, events)
  await vi.waitFor(() => expect(users.handled).toHaveLength(10), deadline)
  expect(lines.filter(isAway)).toHaveLength(2)
  expect(lines.filter(isBack)).toHaveLength(2)
})

it('a stop over a frozen network takes no longer than a drain allows', async () => {
  const { bus, link } = await openBus()
  await collect(bus, 'users')
  link.freeze()
  const startedAt = performance.now()
  await bus[Symbol.asyncDispose]()
  expect(performance.now() - startedAt).toBeLessThan(8_000)
})

it('a stop does not wait for a reconnect', async () => {
  const { bus, link, lines } = await openBus()
  await collect(bus, 'users')
  link.freeze()
  await vi.waitFor(() => expect(lines.filter(isAway)).toHaveLength(2), deadline)
  // In the middle of the next attempt to connect, which takes five seconds.
  await pause(1_500)
  const startedAt = performance.now()
  await bus[Symbol.asyncDispose]()
  expect(performance.now() - startedAt).toBeLessThan(1_000)
})

it('a stop does not wait for a subscription that the broker does not confirm', async () => {
  const { bus, link } = await openBus()
  await collect(bus, 'users')
  link.freeze()
  const subscribed = collect(bus, 'posts')
  const startedAt = performance.now()
  await bus[Symbol.asyncDispose]()
  expect(performance.now() - startedAt).toBeLessThan(6_000)
  await subscribed
})

it('a start continues without the broker and receives events once it is up', async () => {
  const { bus, link, lines } = await openBus({ isCut: true })
  const users = await collect(bus, 'users')
  await expect(bus.check()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
  expect(lines.filter(isAway)).toHaveLength(2)
  link.mend()
  const events = someEvents(5)
  await publish(bus, events)
  await vi.waitFor(() => expect(users.handled).toHaveLength(5), deadline)
})

it('when the active process of a consumer is cut off, the other one takes over', async () => {
  const place = await openPlace()
  const first = await openBus({ place })
  const second = await openBus({ place })
  const handled: string[] = []
  const collectAll = async (event: Event) => {
    await pause(1)
    handled.push(event.id)
  }
  const before = await collect(first.bus, 'users', collectAll)
  const after = await collect(second.bus, 'users', collectAll)
  const events = someEvents(1_000)
  const published = publish(second.bus, events)
  await vi.waitFor(() => expect(before.handled.length).toBeGreaterThan(100), deadline)
  expect(after.handled).toEqual([])
  first.link.cut()
  await published
  await vi.waitFor(() => expect(new Set(handled).size).toBe(events.length), deadline)
  expect(after.handled.length).toBeGreaterThan(0)
  expectOrder(handled, events)
})

it('a consumer that has never run receives events published before', async () => {
  const { bus } = await openBus()
  const events = someEvents(20)
  await publish(bus, events)
  const users = await collect(bus, 'users')
  await vi.waitFor(() => expect(users.handled).toHaveLength(20), deadline)
  expectOrder(users.handled, events)
})

it('a message that is not an event goes to the dead letters, and later events are handled', async () => {
  const { bus, place, lines } = await openBus()
  const users = await collect(bus, 'users')
  for (const text of ['nonsense', JSON.stringify({ ...someEvents(1)[0], id: 'none' })]) {
    place.channel.publish(`${place.prefix}.events`, type, Buffer.from(text))
  }
  await vi.waitFor(async () => {
    const { messageCount } = await place.channel.checkQueue(`${place.prefix}.dead`)
    expect(messageCount).toBe(2)
  }, deadline)
  const events = someEvents(3)
  await publish(bus, events)
  await vi.waitFor(() => expect(users.handled).toEqual(events.map(({ id }) => id)), deadline)
  expect(lines).toContain('A message that is not an event was set aside.')
})

it('a consumer whose queue is deleted subscribes again', async () => {
  const { bus, place } = await openBus()
  const users = await collect(bus, 'users')
  await publish(bus, someEvents(1))
  await vi.waitFor(() => expect(users.handled).toHaveLength(1), deadline)
  await place.channel.deleteQueue(`${place.prefix}.users`)
  await vi.waitFor(async () => {
    await publish(bus, someEvents(1))
    expect(users.handled.length).toBeGreaterThan(1)
  }, deadline)
})

it.each([
  ['refuses the user or the password', (at: URL) => Object.assign(at, { password: 'wrong-wrong' })],
  [
    'refuses the user or the password',
    (at: URL) => Object.assign(at, { username: '', password: '' }),
  ],
  [
    'has no such virtual host for this user',
    (at: URL) => Object.assign(at, { pathname: '/missing' }),
  ],
])('RabbitMQ %s, and the start says so', async (what, change) => {
  const { href } = change(new URL(rabbitmqUrl()))
  const start = rabbitmqBus({ url: href, consumers, log: silent })
  const error = await start.catch((reason: unknown) => reason)
  expect(error).toEqual(new StartError(`EVENTS_URL: RabbitMQ ${what}.`))
})

it('a stray % fails the start with a sentence without the password', async () => {
  const { href } = Object.assign(new URL(rabbitmqUrl()), { password: '50%' })
  const error = await rabbitmqBus({ url: href, consumers, log: silent }).catch((e: unknown) => e)
  expect(error).toMatchObject({ name: 'StartError' })
  expect(String(error)).toMatch(/EVENTS_URL: (?!.*50%)/)
})
