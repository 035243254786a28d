import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type KafkaPlace, startKafka } from '../../../cluster/engines/kafka.ts'
import { isUnavailable } from '../../postgres/errors.ts'
import { freePort } from '../../process/free-port.ts'
import { StartError } from '../../process/start-error.ts'
import { anEvent, collect, deadline, publishUntilTaken, unique } from '../../testing/kafka.ts'
import type { Bus } from '../bus.ts'
import { kafkaBus } from './bus-kafka.ts'

let place: KafkaPlace & { user: { name: string; password: string } }
let ownUrl: string
beforeAll(async () => {
  const data = await mkdtemp(join(tmpdir(), 'ego-kafka-data-'))
  place = { port: await freePort(), data, user: { name: 'ego', password: randomUUID() } }
  const hosts = `127.0.0.1:${await freePort()},127.0.0.1:${place.port}`
  ownUrl = `kafka://ego:${place.user.password}@${hosts}?sasl=scram-sha-512`
})
afterAll(() => rm(place.data ?? '', { recursive: true, force: true }))

it('a bus starts without Kafka, works once it is up, and keeps confirmed events', async () => {
  const log = collectLog()
  const startedAt = performance.now()
  await using bus = await kafkaBus({ url: ownUrl, log })
  expect(performance.now() - startedAt).toBeLessThan(8_000)
  expect(log.lines).toEqual(['warn Kafka is unavailable; events wait.'])
  const handled = await collect(bus, 'users')
  await expectAway(bus)
  const before = anEvent()
  {
    await using _ = await startKafka(place)
    await publishUntilTaken(bus, [before])
    await vi.waitFor(() => expect(handled).toEqual([before]), deadline)
    await vi.waitFor(
      () => expect(log.lines.at(-1)).toBe('info Kafka is available again.'),
      deadline,
    )
    expect(log.lines).toHaveLength(2)
    await bus.check()
  }
  await expectAway(bus)
  await vi.waitFor(() => expect(log.lines).toHaveLength(3), deadline)
  await using _ = await startKafka(place)
  const later = await collect(bus, 'mail')
  const after = anEvent()
  await publishUntilTaken(bus, [after])
  await vi.waitFor(() => expect(unique(handled)).toEqual([before, after]), deadline)
  await vi.waitFor(() => expect(later).toEqual([before, after]), deadline)
  await vi.waitFor(() => expect(log.lines).toHaveLength(4), deadline)
  expect(inspect(log.errors, { depth: 20 })).not.toContain(place.user.password)
}, 120_000)

it('a wrong password fails the start with a sentence that names the variable and not the password', async () => {
  await using _ = await startKafka(place)
  const log = collectLog()
  const wrong = ownUrl.replace(place.user.password, 'wr0ng')
  for (const refused of [wrong, wrong.replace('scram-sha-512', 'plain')]) {
    const failure = await kafkaBus({ url: refused, log }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(StartError)
    expect(String(failure)).toMatch(/EVENTS_URL(?!.*wr0ng)/)
  }
  await using plain = await kafkaBus({ url: ownUrl.replace('scram-sha-512', 'plain'), log })
  await plain.check()
})

async function expectAway(bus: Bus): Promise<void> {
  for (const operation of [() => bus.publish([anEvent({ key: 'lost' })]), () => bus.check()]) {
    const startedAt = performance.now()
    const failure = await operation().catch((error: unknown) => error)
    expect(isUnavailable(failure)).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(13_000)
  }
}

function collectLog() {
  const lines: string[] = []
  const errors: unknown[] = []
  const at = (level: string) => (details: unknown, text?: unknown) => {
    errors.push(details)
    lines.push(`${level} ${typeof details === 'string' ? details : text}`)
  }
  return { lines, errors, info: at('info'), warn: at('warn') }
}
