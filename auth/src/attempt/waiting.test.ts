import { expect, test } from 'vitest'
import { inTimelyTurn } from './waiting.ts'

test('whose turn comes after more than five seconds is told to come back, and does nothing', async () => {
  let nowMs = 0
  const begun: string[] = []
  const inTurn = inTimelyTurn(1, () => nowMs)
  const gate = Promise.withResolvers<void>()
  const work = (name: string) => async () => {
    begun.push(name)
    return name
  }
  const first = inTurn(() => gate.promise)
  const late = [inTurn(work('second')), inTurn(work('third'))]
  const refused = late.map((turn) =>
    expect(turn).rejects.toMatchObject({ status: 503, code: 'busy' }),
  )
  nowMs = 1_000
  const inTime = inTurn(work('fourth'))
  nowMs = 5_001
  gate.resolve()
  await first
  await Promise.all(refused)
  expect(await inTime).toBe('fourth')
  expect(begun).toEqual(['fourth'])
})
