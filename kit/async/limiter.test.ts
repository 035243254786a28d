import { expect, test } from 'vitest'
import { createLimiter } from './limiter.ts'

const busyText = 'Too much is going on.'
const waitMsMax = 5_000

test('no more than the limit run at once, and all of them run', async () => {
  const inTurn = createLimiter({ runningMax: 2, waitingMax: 100, waitMsMax, busyText })
  let running = 0
  let most = 0
  const work = async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise(setImmediate)
    running -= 1
    return 'done'
  }
  const results = await Promise.all(Array.from({ length: 20 }, () => inTurn(work)))
  expect(results).toEqual(Array(20).fill('done'))
  expect(most).toBe(2)
})

test('a caller beyond the number that may wait gets a BusyError', async () => {
  const inTurn = createLimiter({ runningMax: 1, waitingMax: 1, waitMsMax, busyText })
  const gate = Promise.withResolvers<void>()
  const first = inTurn(() => gate.promise)
  const second = inTurn(async () => 'second')
  await expect(inTurn(async () => 'third')).rejects.toMatchObject({
    name: 'BusyError',
    message: 'Too much is going on. Try again soon.',
  })
  gate.resolve()
  await first
  await expect(second).resolves.toBe('second')
})

test('work that fails frees its place', async () => {
  const inTurn = createLimiter({ runningMax: 1, waitingMax: 1, waitMsMax, busyText })
  await expect(inTurn(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(inTurn(async () => 'next')).resolves.toBe('next')
})

test('work whose turn comes too late is refused and not begun', async () => {
  let nowMs = 0
  const begun: string[] = []
  const inTurn = createLimiter({
    runningMax: 1,
    waitingMax: 9,
    waitMsMax,
    busyText,
    nowMs: () => nowMs,
  })
  const gate = Promise.withResolvers<void>()
  const work = (name: string) => async () => {
    begun.push(name)
    return name
  }
  const first = inTurn(() => gate.promise)
  const late = [inTurn(work('second')), inTurn(work('third'))]
  const refused = late.map((turn) => expect(turn).rejects.toMatchObject({ name: 'BusyError' }))
  nowMs = 1_000
  const inTime = inTurn(work('fourth'))
  nowMs = 5_001
  gate.resolve()
  await first
  await Promise.all(refused)
  expect(await inTime).toBe('fourth')
  expect(begun).toEqual(['fourth'])
})
