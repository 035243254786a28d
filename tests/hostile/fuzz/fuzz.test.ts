import { beforeAll, expect, test } from 'vitest'
import { type Run, runFuzz } from './run.ts'

/** A thousand of them take about 7 s of a busy core, a fifth of which is for making and checking them. */
const requests = Number(process.env.EGO_FUZZ_REQUESTS ?? 20_000)
/** The same seed draws the same requests; what exists when they are sent may differ. */
const seed = Number(process.env.EGO_FUZZ_SEED ?? 1)
const requestsOfCostly = 60
/** A fuzz that only gets refusals proves nothing: each operation must have been reached at least so often. */
const successesMin = 10
/** Each request has a limit of its own, so this is only about how busy the machine may be. */
const runMsMax = 500_000

let run: Run

beforeAll(async () => {
  run = await runFuzz({ seed, requests, requestsOfCostly, lanes: 16 })
}, runMsMax)

test('every operation answers whatever is sent as it is documented', () => {
  expect(run.faults, run.faults.join('\n\n')).toEqual([])
  expect(run.tally.count()).toBeGreaterThanOrEqual(requests)
})

test('every operation has succeeded, too', () => {
  const { operations, tally } = run
  const toothless = operations.filter(({ key }) => tally.successes(key) < successesMin)
  const names = toothless.map(({ key }) => key)
  expect(names, tally.toText()).toEqual([])
})

test('no request fails inside the platform, and it is up at the end', () => {
  expect(run.isUp).toBe(true)
  const errors = run.output.split('\n').filter((line) => /"level":"(?:error|fatal)"/.test(line))
  expect(errors).toEqual([])
})
