import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Consumer, Producer } from '@platformatic/kafka'
import { expect, it, vi } from 'vitest'
import { pause } from '../../async/backoff.ts'
import {
  anEvent,
  aPrefix,
  byKey,
  collect,
  deadline,
  eventType,
  quiet,
  unique,
} from '../../testing/kafka.ts'
import { busContract } from '../bus.contract.ts'
import type { Event } from '../event.ts'
import { kafkaBus } from './bus-kafka.ts'

const url = process.env.EGO_TEST_KAFKA ?? ''

busContract('kafkaBus', async () => {
  const bus = await kafkaBus({ url, log: quiet, prefix: aPrefix() })
  return { bus, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() }
})

it('events published before a consumer first subscribed reach it in order', async () => {
  await using bus = await kafkaBus({ url, log: quiet, prefix: aPrefix() })
  const events = Array.from({ length: 500 }, (_, n) => anEvent({ key: `k${n % 9}` }))
  await bus.publish(events)
  const handled = await collect(bus, 'users')
  await vi.waitFor(() => expect(handled).toHaveLength(500), deadline)
  expect(byKey(handled)).toEqual(byKey(events))
})

it('a publish that is larger than a broker accepts at once arrives in order', async () => {
  await using bus = await kafkaBus({ url, log: quiet, prefix: aPrefix() })
  const text = 'x'.repeat(100_000)
  const events = Array.from({ length: 30 }, (_, n) => anEvent({ payload: { n, text } }))
  await bus.publish(events)
  const handled = await collect(bus, 'users')
  await vi.waitFor(() => expect(handled).toHaveLength(30), deadline)
  expect(handled.map(({ id }) => id)).toEqual(events.map(({ id }) => id))
})

it('a killed process loses no event, and each key continues in order', async () => {
  const prefix = aPrefix()
  await using bus = await kafkaBus({ url, log: quiet, prefix })
  const handled = await collect(bus, 'users')
  const process = otherProcess(prefix, (event) => handled.push(event))
  const events: Event[] = []
  const publish = async () => {
    const batch = Array.from({ length: 20 }, (_, n) => anEvent({ key: `k${n}` }))
    await bus.publish(batch)
    events.push(...batch)
  }
  try {
    await vi.waitFor(async () => {
      await publish()
      expect(process.handled).toBeGreaterThan(50)
    }, deadline)
  } finally {
    process.kill()
  }
  await publish()
  await vi.waitFor(() => expect(unique(handled)).toHaveLength(events.length), deadline)
  expect(byKey(handled)).toEqual(byKey(events))
})

it('services that start at the same time all create or find the topics', async () => {
  const prefix = aPrefix()
  await using services = new AsyncDisposableStack()
  const open = async () => services.use(await kafkaBus({ url, log: quiet, prefix }))
  const [first, ...others] = await Promise.all(Array.from({ length: 4 }, open))
  const handled = await Promise.all(others.map((bus, n) => collect(bus, `service-${n}`)))
  const event = anEvent()
  await first?.publish([event])
  await vi.waitFor(() => expect(handled).toEqual([[event], [event], [event]]), deadline)
})

it('a new member continues where another one stopped, and no event is handled twice', async () => {
  await using bus = await kafkaBus({ url, log: quiet, prefix: aPrefix() })
  const running = new Set<object>()
  let most = 0
  const slowly = async () => {
    const run = {}
    running.add(run)
    most = Math.max(most, running.size)
    await pause(400)
    running.delete(run)
  }
  const events = Array.from({ length: 12 }, () => anEvent())
  await bus.publish(events)
  const first = await collect(bus, 'users', slowly)
  await vi.waitFor(() => expect(running.size).toBe(1), deadline)
  const members = [first, await collect(bus, 'users', slowly), await collect(bus, 'users', slowly)]
  await vi.waitFor(() => expect(unique(members.flat())).toHaveLength(12), deadline)
  expect(members.flat()).toHaveLength(12)
  expect(most).toBe(1)
})

it('a handler that takes longer than a session is neither interrupted nor repeated', async () => {
  await using bus = await kafkaBus({ url, log: quiet, prefix: aPrefix() })
  let started = 0
  const handled = await collect(bus, 'users', async () => {
    started += 1
    if (started === 1) await pause(12_000)
  })
  await bus.publish([anEvent()])
  await vi.waitFor(() => expect(handled).toHaveLength(1), deadline)
  const next = anEvent({ key: 'other' })
  await bus.publish([next])
  await vi.waitFor(() => expect(started).toBe(2), deadline)
})

it.each([
  ['not JSON', Buffer.from('{')],
  ['not an event', Buffer.from('{"id":1}')],
  ['not UTF-8', Buffer.of(255, 254)],
])(
  'a message that is %s is copied to the dead topic, and the next one is handled',
  async (_, value) => {
    const prefix = aPrefix()
    await using bus = await kafkaBus({ url, log: quiet, prefix })
    await sendForeign(`${prefix}.events`, value)
    const event = anEvent()
    await bus.publish([event])
    const handled = await collect(bus, 'users')
    await vi.waitFor(() => expect(handled).toEqual([event]), deadline)
    const [copy] = await readAll(`${prefix}.dead`, 1)
    expect(copy?.value).toEqual(value)
    expect(String(copy?.headerEntries[0])).toMatch(`found-at,${prefix}.events/`)
  },
)

/** A member of the same group in a process that can be killed. */
function otherProcess(prefix: string, onHandled: (event: Event) => void) {
  const program = `
    const { kafkaBus } = await import(${JSON.stringify(new URL('bus-kafka.ts', import.meta.url))})
    const log = { info() {}, warn() {} }
    const bus = await kafkaBus({ url: process.argv[1], prefix: process.argv[2], log })
    const handle = async (event) => { process.stdout.write(JSON.stringify(event) + '\\n') }
    await bus.subscribe({ consumer: 'users', types: ['${eventType}'], handle })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, url, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let handled = 0
  createInterface(child.stdout).on('line', (line) => {
    handled += 1
    onHandled(JSON.parse(line))
  })
  return {
    get handled() {
      return handled
    },
    kill: () => child.kill('SIGKILL'),
  }
}

const client = () => ({ clientId: 'test', bootstrapBrokers: [new URL(url).host] })

async function sendForeign(topic: string, value: Buffer): Promise<void> {
  const producer = new Producer(client())
  await producer.send({ messages: [{ topic, key: Buffer.from('1'), value }] })
  await producer.close()
}

async function readAll(topic: string, count: number) {
  const consumer = new Consumer({ ...client(), groupId: randomUUID() })
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest' })
  const found = []
  for await (const message of stream) {
    found.push(message)
    if (found.length === count) break
  }
  await consumer.close(true)
  return found
}
