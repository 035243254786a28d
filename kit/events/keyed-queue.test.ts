import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Event } from './event.ts'
import { createKeyedQueue } from './keyed-queue.ts'

const retry = { baseMs: 1, capMs: 2 }

it('events of one key are handled in order, one at a time, and other keys in parallel', async () => {
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const started: string[] = []
  const all = createKeyedQueue({
    handle: (event) => {
      started.push(event.id)
      const gate = Promise.withResolvers<void>()
      gates.set(event.id, gate)
      return gate.promise
    },
  })
  const handled = [anEvent('a1', 'a'), anEvent('a2', 'a'), anEvent('b1', 'b')].map(all.handle)
  await turn()
  expect(started).toEqual(['a1', 'b1'])
  gates.get('a1')?.resolve()
  await handled[0]
  await turn()
  expect(started).toEqual(['a1', 'b1', 'a2'])
  gates.get('a2')?.resolve()
  gates.get('b1')?.resolve()
  await Promise.all(handled)
})

it('no more keys than the limit are handled at the same time, and each gets its turn', async () => {
  let running = 0
  let most = 0
  const all = createKeyedQueue({
    keysMax: 2,
    handle: async () => {
      running += 1
      most = Math.max(most, running)
      await turn()
      running -= 1
    },
  })
  const events = Array.from({ length: 20 }, (_, n) => anEvent(`${n}`, `${n % 7}`))
  await Promise.all(events.map(all.handle))
  expect(most).toBe(2)
})

it('an event that fails is retried before the next one of its key, and each failure is reported', async () => {
  const handled: string[] = []
  const reported: number[] = []
  const all = createKeyedQueue({
    retry,
    onFailure: (_, __, tries) => reported.push(tries),
    handle: async ({ id }) => {
      if (id === 'first' && reported.length < 3) throw new Error('Not yet.')
      handled.push(id)
    },
  })
  await Promise.all([anEvent('first'), anEvent('second')].map(all.handle))
  expect(handled).toEqual(['first', 'second'])
  expect(reported).toEqual([1, 2, 3])
})

it('closing waits for the running handler, starts no other, and rejects the remaining events', async () => {
  const gate = Promise.withResolvers<void>()
  const started: string[] = []
  const all = createKeyedQueue({
    keysMax: 1,
    handle: async ({ id }) => {
      started.push(id)
      await gate.promise
    },
  })
  const events = [anEvent('a1', 'a'), anEvent('a2', 'a'), anEvent('b1', 'b')]
  const results = Promise.allSettled(events.map(all.handle))
  await turn()
  let isClosed = false
  const closing = all.close().then(() => {
    isClosed = true
  })
  await turn()
  expect(isClosed).toBe(false)
  gate.resolve()
  await closing
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(started).toEqual(['a1'])
  await expect(all.handle(anEvent('late'))).rejects.toThrow('The subscription has ended')
})

it('closing ends the retries of an event that keeps failing', async () => {
  const all = createKeyedQueue({
    retry: { baseMs: 3_600_000, capMs: 3_600_000 },
    handle: () => Promise.reject(new Error('Never.')),
  })
  const handled = all.handle(anEvent('a')).catch((error: Error) => error.message)
  await turn()
  await all.close()
  expect(await handled).toContain('The subscription has ended')
})

function anEvent(id: string, key = '1'): Event {
  return { id, type: 'user.registered.v1', key, occurred_at: '', request_id: null, payload: {} }
}
