import { events } from '@ego/contracts/events/all'
import { serviceNames } from '@ego/contracts/services'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { createLog } from '@ego/kit/process/log'
import { expect, test } from 'vitest'
import { testDatabases, testFolder } from '../hostile/start-platform.ts'
import { wirePlatform } from '../hostile/wire-platform.ts'

test('each service handles the events whose contract names it, and no others', async () => {
  await using resources = new AsyncDisposableStack()
  const handled: Record<string, readonly string[]> = {}
  const bus = memoryBus({ consumers: serviceNames })
  await wirePlatform({
    databases: await testDatabases(resources),
    folder: await testFolder(resources),
    resources,
    log: createLog(null, 'silent'),
    bus: {
      ...bus,
      subscribe(subscription) {
        handled[subscription.consumer] = subscription.types.toSorted()
        return bus.subscribe(subscription)
      },
    },
  })
  const named = serviceNames.map((name) => {
    const own = events.filter(({ consumers }) => consumers.includes(name))
    return [name, own.map(({ type }) => type).toSorted()]
  })
  expect(handled).toEqual(Object.fromEntries(named))
})
