import { freePort } from '@ego/kit/process/free-port'
import type { Plan } from '../measure/rounds.ts'
import { startAuth } from '../platform/auth-alone.ts'
import { type Platform, startPlatform } from '../platform/platform.ts'
import { type Server, scriptPath, startServer } from '../platform/process.ts'
import { makeScratch } from '../platform/scratch.ts'
import type { Row } from '../report/table.ts'

/** The servers that scenarios ask, each started when the first one wants it. */
export type Bench = AsyncDisposable & {
  plan: Plan
  /** Where everything lies, the seeded posts too. */
  folder: string
  /** `node:http` that answers `ok`. */
  bare(): Promise<Server>
  /** A platform without any data, thrown away afterwards. */
  platform(): Promise<Platform>
  /** auth as a process of its own, on the database of that platform. */
  auth(): Promise<Server>
  /** The platform on the folder that was seeded. */
  seeded(): Promise<Platform>
}

export type Scenario = (bench: Bench) => Promise<Row[]>

export function openBench(folder: string, plan: Plan): Bench {
  const started = new AsyncDisposableStack()
  const keep = async <Resource extends AsyncDisposable>(starting: Promise<Resource>) =>
    started.use(await starting)
  const platform = once(async () => {
    const scratch = await keep(makeScratch(folder))
    return keep(startPlatform(scratch.path))
  })
  return {
    plan,
    folder,
    bare: once(() => keep(startBare())),
    platform,
    auth: once(async () => keep(startAuth(await platform()))),
    seeded: once(() => keep(startPlatform(folder))),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

async function startBare(): Promise<Server> {
  const port = await freePort()
  return startServer({
    name: 'The bare server',
    command: [process.execPath, scriptPath('platform/bare.ts'), String(port)],
    port,
    readyPath: '/',
  })
}

function once<T>(start: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= start()
    return running
  }
}
