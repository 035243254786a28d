import { beforeAll, expect, test } from 'vitest'
import { type Run, runFuzz } from './run.ts'

/** A thousand requests take about 7 s of a busy core, a fifth of it in the test itself. */
const requests = Number(process.env.EGO_FUZZ_REQUESTS ?? 20_000)
/** The same seed draws the same requests, but the state of the platform may differ. */
const seed = Number(process.env.EGO_FUZZ_SEED ?? 1)
const requestsOfCostly = 60
/** A fuzz test that only gets refusals proves nothing, so each operation must succeed at least this often. */
const successesMin = 10
/** Generous for a busy machine, because each request has its own timeout. */
const runMsMax = 500_000

let run: Run

beforeAll(async () => {
  run = await runFuzz({ seed, requests, requestsOfCostly, operationsAtOnce: 16 })
}, runMsMax)

test('every operation answers every request as documented', () => {
  expect(run.faults, run.faults.join('\n\n')).toEqual([])
  expect(run.tally.count()).toBeGreaterThanOrEqual(requests)
})

test('every operation has also succeeded', () => {
  const { operations, tally } = run
  const toothless = operations.filter(({ key }) => tally.successes(key) < successesMin)
  const names = toothless.map(({ key }) => key)
  expect(names, tally.toText()).toEqual([])
})

test('no request causes an error in the platform, which is up at the end', () => {
  expect(run.isUp).toBe(true)
  const errors = run.output.split('\n').filter((line) => /"level":"(?:error|fatal)"/.test(line))
  expect(errors).toEqual([])
})
