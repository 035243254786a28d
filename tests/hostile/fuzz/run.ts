import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { routedServices } from '@ego/contracts/services'
import { freePort } from '@ego/kit/process/free-port'
import { startEmbedded } from '../../start/start-embedded.ts'
import { type Operation, readOperations } from './document.ts'
import { fuzzOperation, seedOf } from './fuzz-operation.ts'
import { costly } from './known.ts'
import { createPeople } from './people.ts'
import { sweepOf } from './sweep.ts'
import { createTally, type Tally } from './tally.ts'
import { sender } from './wire.ts'

type Options = {
  seed: number
  /** The minimal number of requests. */
  requests: number
  requestsOfCostly: number
  /** How many operations are fuzzed at once. */
  operationsAtOnce: number
}

export type Run = {
  operations: readonly Operation[]
  faults: readonly string[]
  tally: Tally
  /** The output of the platform. */
  output: string
  isUp: boolean
}

/** The fuzz sends all requests from one address, which would exceed the limits for one address. */
const environment = {
  LOG_LEVEL: 'warn',
  ARGON2_MEMORY_KIB: '8192',
  ARGON2_PASSES: '1',
  LOGIN_MISSES_MAX: '1000000',
  LOGIN_MISSES_PER_IP: '1000000',
  MAILS_PER_HOUR: '1000000',
  MAILS_PER_HOUR_AND_IP: '1000000',
}

/** Starts a platform and sends hostile requests to every documented operation. */
export async function runFuzz({
  seed,
  requests,
  requestsOfCostly,
  operationsAtOnce,
}: Options): Promise<Run> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'ego fuzz '))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const data = join(folder, 'data')
  const platform = await startEmbedded({ data, port: await freePort(), environment })
  started.defer(async () => {
    await platform.stop()
  })
  if (!(await platform.isUp())) throw new Error(`It did not start: ${platform.run.errors}`)

  const { url, run } = platform
  const send = started.use(sender(url))
  const people = await createPeople(send, data)
  const operations = await readDocuments(url)
  const tally = createTally()
  const fuzz = fuzzOperation({ people, send, operations, tally, seed, url })
  const sweeps = new Map(operations.map((each) => [each, sweepOf(each, seedOf(seed, each))]))
  const swept = [...sweeps.values()].reduce((sum, sweep) => sum + sweep.length, 0)
  const usual = operations.filter(({ key }) => !costly.has(key)).length
  const requestsOfUsual = Math.max(requestsOfCostly, Math.ceil((requests - swept) / usual))

  const faults: string[] = []
  const left = operations.values()
  async function work(): Promise<void> {
    for (const operation of left) {
      const random = costly.has(operation.key) ? requestsOfCostly : requestsOfUsual
      faults.push(...(await fuzz(operation, sweeps.get(operation) ?? [], random)))
    }
  }
  await Promise.all(Array.from({ length: operationsAtOnce }, work))
  return { operations, faults, tally, output: run.output, isUp: run.code === null }
}

async function readDocuments(url: string): Promise<Operation[]> {
  const documents = routedServices.map(async (name) => {
    const response = await fetch(`${url}/${name}/openapi.json`)
    return readOperations(await response.json())
  })
  return (await Promise.all(documents)).flat()
}
