import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { busContract } from '../bus.contract.ts'
import type { Event } from '../event.ts'
import { memoryBus } from './bus-memory.ts'

busContract('memoryBus', async () => ({ bus: memoryBus(), async [Symbol.asyncDispose]() {} }))

it('publish rejects while an expected consumer has not subscribed', async () => {
  const bus = memoryBus({ consumers: ['users', 'posts'] })
  await bus.subscribe({ consumer: 'users', types: [], handle: async () => {} })
  await expect(bus.publish([anEvent()])).rejects.toThrow('Not subscribed yet: posts.')
  await bus.subscribe({ consumer: 'posts', types: [], handle: async () => {} })
  await expect(bus.publish([anEvent()])).resolves.toBeUndefined()
})

it('publish rejects after a limited number of tries, and other keys are handled', async () => {
  const bus = memoryBus({ triesMax: 2 })
  let tries = 0
  const handled: string[] = []
  await bus.subscribe({
    consumer: 'users',
    types: ['user.registered.v1'],
    handle: async ({ key }) => {
      if (key === 'bad') {
        tries += 1
        throw new Error('The database is down.')
      }
      handled.push(key)
    },
  })
  const published = bus.publish([anEvent('bad'), anEvent('bad'), anEvent('good')])
  await expect(published).rejects.toThrow('Not every consumer took the events.')
  expect(tries).toBe(2)
  expect(handled).toEqual(['good'])
})

function anEvent(key = '1'): Event {
  const id = randomUUID()
  return { id, type: 'user.registered.v1', key, occurred_at: '', request_id: null, payload: {} }
}
