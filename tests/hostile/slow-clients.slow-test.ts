import { expect, test, vi } from 'vitest'
import { ordinaryTraffic } from './ordinary-traffic.ts'
import { startSeparately } from './separate-platform.ts'
import { type Kind, type SlowClient, slowClient } from './slow-client.ts'
import { testDatabases, testFolder } from './start-platform.ts'

/** Much shorter than the gateway's defaults, in the same order, so that the test can wait for all of them. */
const timeouts = {
  headersMs: 4_000,
  requestMs: 6_000,
  checkMs: 250,
  keepAliveMs: 5_000,
  unreadMs: 4_500,
}
const crowd: readonly (readonly [Kind, number])[] = [
  ['says nothing', 250],
  ['drips its headers', 250],
  ['drips its body', 250],
  ['drips its chunks', 150],
  ['breaks off', 110],
  // The system buffers up to four megabytes for each of these.
  ['reads nothing', 40],
]
const connectingAtOnce = 250
const endedMsMax = 30_000
/** The memory that a thousand slow clients and the ordinary traffic may cost. */
const growthBytesMax = 96 * 1024 ** 2
/** Allows for connections to Postgres, whose number varies with the ordinary traffic. */
const descriptorsSpare = 20

test('a thousand slow clients are disconnected in time, starve no other client and leak nothing', async () => {
  await using resources = new AsyncDisposableStack()
  const databases = await testDatabases(resources)
  const folder = await testFolder(resources)
  const platform = resources.use(await startSeparately({ databases, folder, timeouts }))
  const traffic = await ordinaryTraffic(platform.url)
  await vi.waitUntil(() => traffic.statuses.length > 100, { timeout: 15_000 })
  const before = await platform.measure()
  const answeredBefore = traffic.statuses.length

  const slow = await connectAll(platform.url)
  for (const client of slow) client.begin()
  const peaks = { bytes: 0, descriptors: 0 }
  const isOver = async () => {
    const now = await platform.measure()
    peaks.bytes = Math.max(peaks.bytes, now.bytesPeak)
    peaks.descriptors = Math.max(peaks.descriptors, now.descriptorsPeak)
    return now.descriptors < before.descriptors + descriptorsSpare
  }
  await vi.waitUntil(isOver, { timeout: endedMsMax, interval: 1_000 })
  await traffic.end()
  for (const client of slow) client.leave()

  expect(peaks.descriptors - before.descriptors).toBeGreaterThanOrEqual(1_000)
  expect(traffic.statuses.filter((status) => status < 200 || status > 299)).toEqual([])
  expect(traffic.statuses.length - answeredBefore).toBeGreaterThan(100)
  expect(slow.filter(isAnsweredOtherwise).map(({ kind, answer }) => [kind, answer()])).toEqual([])
  expect(peaks.bytes - before.bytes).toBeLessThan(growthBytesMax)
})

async function connectAll(url: string): Promise<SlowClient[]> {
  const kinds = crowd.flatMap(([kind, count]) => Array<Kind>(count).fill(kind))
  const slow: SlowClient[] = []
  for (let at = 0; at < kinds.length; at += connectingAtOnce) {
    const some = kinds.slice(at, at + connectingAtOnce)
    slow.push(...(await Promise.all(some.map((kind) => slowClient(url, kind)))))
  }
  return slow
}

/** A client that has sent something, and reads, must get a response that says why it was disconnected. */
function isAnsweredOtherwise({ kind, answer }: SlowClient): boolean {
  if (kind === 'says nothing' || kind === 'reads nothing') return false
  return !/^HTTP\/1\.1 408 .+request_timeout/s.test(answer())
}
