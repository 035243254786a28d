import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pause } from '../async/backoff.ts'
import type { Bus } from './bus.ts'
import type { Event } from './event.ts'

export type OpenBus = () => Promise<{ bus: Bus } & AsyncDisposable>

const deadline = { timeout: 15_000, interval: 5 }

/** `open` must resolve with a bus without subscriptions. */
export function busContract(name: string, open: OpenBus): void {
  describe(`${name} keeps the promises of a bus`, () => {
    let opened: Awaited<ReturnType<OpenBus>>
    let bus: Bus
    beforeEach(async () => {
      opened = await open()
      bus = opened.bus
    })
    afterEach(() => opened[Symbol.asyncDispose]())

    it('an event reaches exactly the consumers of its type, unchanged', async () => {
      await using users = await collect(bus, 'users', ['user.registered.v1'])
      await using posts = await collect(bus, 'posts', ['user.registered.v1', 'user.deleted.v1'])
      await using mail = await collect(bus, 'mail', ['user.deleted.v1'])
      const registered = anEvent({
        payload: { name: 'Zoë 😀 \u0000', list: [1, null, { a: true }] },
      })
      const deleted = anEvent({ type: 'user.deleted.v1', request_id: null })
      await publish(bus, [registered, deleted])
      await vi.waitFor(() => {
        expect(posts.unique()).toEqual([registered, deleted])
        expect(users.unique()).toEqual([registered])
        expect(mail.unique()).toEqual([deleted])
      }, deadline)
    })

    it('events of one key arrive in order, within a publish and across publishes', async () => {
      await using users = await collect(bus, 'users', ['user.registered.v1'])
      const events = Array.from({ length: 200 }, (_, n) =>
        anEvent({ key: `k${n % 7}`, payload: { n } }),
      )
      for (let at = 0; at < 200; at += 40) await publish(bus, events.slice(at, at + 40))
      await vi.waitFor(() => expect(users.unique()).toHaveLength(200), deadline)
      for (const key of new Set(events.map((event) => event.key))) {
        const ofKey = (event: Event) => event.key === key
        expect(users.unique().filter(ofKey)).toEqual(events.filter(ofKey))
      }
    })

    it('one key is never handled twice at the same time', async () => {
      let running = 0
      let most = 0
      await using users = await collect(bus, 'users', ['user.registered.v1'], async () => {
        running += 1
        most = Math.max(most, running)
        await pause(2)
        running -= 1
      })
      await publish(
        bus,
        Array.from({ length: 20 }, () => anEvent()),
      )
      await vi.waitFor(() => expect(users.unique()).toHaveLength(20), deadline)
      expect(most).toBe(1)
    })

    it('a failed handler is retried, and later events of the key wait for it in order', async () => {
      let failures = 6
      await using users = await collect(bus, 'users', ['user.registered.v1'], async () => {
        if (failures-- > 0) throw new Error('Not yet.')
      })
      const events = [anEvent(), anEvent(), anEvent()]
      await publish(bus, events)
      await vi.waitFor(() => expect(users.unique()).toEqual(events), deadline)
    })

    it('a consumer that always fails does not affect another', async () => {
      let isBroken = true
      await using broken = await collect(bus, 'broken', ['user.registered.v1'], async () => {
        if (isBroken) throw new Error('Never.')
      })
      await using users = await collect(bus, 'users', ['user.registered.v1'])
      const events = [anEvent(), anEvent({ key: '2' }), anEvent()]
      const published = publish(bus, events)
      await vi.waitFor(() => expect(users.unique()).toHaveLength(3), deadline)
      expect(broken.unique()).toEqual([])
      isBroken = false
      await published
      await vi.waitFor(() => expect(broken.unique()).toHaveLength(3), deadline)
    })

    it('an event published while a consumer is unsubscribed reaches it when it subscribes again', async () => {
      const before = await collect(bus, 'users', ['user.registered.v1'])
      await before[Symbol.asyncDispose]()
      const event = anEvent()
      const published = publish(bus, [event])
      await using after = await collect(bus, 'users', ['user.registered.v1'])
      await published
      await vi.waitFor(() => expect(after.unique()).toEqual([event]), deadline)
      expect(before.unique()).toEqual([])
    })

    it('when one of two subscriptions of a consumer ends, the other takes over', async () => {
      const first = await collect(bus, 'users', ['user.registered.v1'])
      await using second = await collect(bus, 'users', ['user.registered.v1'])
      const events = Array.from({ length: 20 }, (_, n) => anEvent({ key: `${n}` }))
      await publish(bus, events.slice(0, 10))
      await vi.waitFor(
        () => expect(first.unique().length + second.unique().length).toBe(10),
        deadline,
      )
      await first[Symbol.asyncDispose]()
      await publish(bus, events.slice(10))
      await vi.waitFor(() => {
        const ids = new Set([...first.unique(), ...second.unique()].map((event) => event.id))
        expect(ids.size).toBe(20)
      }, deadline)
    })

    it('disposing waits for the running handler and starts no other', async () => {
      const gate = Promise.withResolvers<void>()
      let started = 0
      const users = await collect(bus, 'users', ['user.registered.v1'], async () => {
        started += 1
        await gate.promise
      })
      const stopPublishing = new AbortController()
      const published = publish(bus, [anEvent(), anEvent()], stopPublishing.signal)
      await vi.waitFor(() => expect(started).toBe(1), deadline)
      let isDisposed = false
      const disposed = users[Symbol.asyncDispose]().then(() => {
        isDisposed = true
      })
      await pause(50)
      expect(isDisposed).toBe(false)
      gate.resolve()
      await disposed
      stopPublishing.abort()
      await published
      expect(started).toBe(1)
    })

    it('publishing no events resolves', async () => {
      await expect(bus.publish([])).resolves.toBeUndefined()
    })
  })
}

async function collect(
  bus: Bus,
  consumer: string,
  types: string[],
  before: (event: Event) => Promise<void> = async () => {},
) {
  const handled = new Map<string, Event>()
  const subscription = await bus.subscribe({
    consumer,
    types,
    handle: async (event) => {
      await before(event)
      if (!handled.has(event.id)) handled.set(event.id, event)
    },
  })
  return { unique: () => [...handled.values()], ...disposer(subscription) }
}

function disposer(subscription: AsyncDisposable): AsyncDisposable {
  return { [Symbol.asyncDispose]: async () => subscription[Symbol.asyncDispose]() }
}

/** Publishes like a relay: repeats the same events until the bus accepts them. */
async function publish(bus: Bus, events: Event[], signal?: AbortSignal): Promise<void> {
  while (!signal?.aborted) {
    try {
      return await bus.publish(events)
    } catch {
      await pause(10, signal)
    }
  }
}

function anEvent(fields: Partial<Event> = {}): Event {
  return {
    id: randomUUID(),
    type: 'user.registered.v1',
    key: '1',
    occurred_at: '2026-11-21T10:00:00.000Z',
    request_id: 'a-request',
    payload: {},
    ...fields,
  }
}
