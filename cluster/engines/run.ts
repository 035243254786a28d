import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { elasticsearch } from './elasticsearch.ts'
import { type Engine, EngineMissing, type RunningEngine, variableOf } from './engine.ts'
import { greenmail } from './greenmail.ts'
import { kafka } from './kafka.ts'
import { minio } from './minio.ts'
import { rabbitmq } from './rabbitmq.ts'
import { redis } from './redis.ts'

const engines: Engine[] = [minio, elasticsearch, rabbitmq, redis, kafka, greenmail]

const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url))
const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort())

process.exitCode = await run()

/** Starts the engines that this machine can run, and tests the adapters of those that started. */
async function run(): Promise<number> {
  const required = (process.env.EGO_ENGINES_REQUIRED ?? '').split(',').filter(Boolean)
  const unknown = required.filter((name) => engines.every((engine) => engine.name !== name))
  if (unknown.length > 0) return failed(`EGO_ENGINES_REQUIRED: there is no ${unknown.join(', ')}.`)
  await using running = new AsyncDisposableStack()
  const started: Engine[] = []
  const urls: Record<string, string> = {}
  for (const engine of engines) {
    const server = await startOrSay(engine)
    if (server) running.use(server)
    if (stopping.signal.aborted) return failed('Stopped.')
    if (!server) continue
    started.push(engine)
    urls[variableOf(engine)] = server.url
  }
  const missing = required.filter((name) => started.every((engine) => engine.name !== name))
  if (missing.length > 0) return failed(`Required, but not run: ${missing.join(', ')}.`)
  if (started.length === 0) return 0
  const code = await test(started, urls)
  say(`engines that ran: ${started.map(({ name }) => name).join(', ')}`)
  return code
}

async function startOrSay(engine: Engine): Promise<RunningEngine | null> {
  const given = process.env[variableOf(engine)]
  if (given) {
    say(`${engine.name}: the one of ${variableOf(engine)}`)
    return { url: given, async [Symbol.asyncDispose]() {} }
  }
  const startedAt = performance.now()
  try {
    const server = await engine.start(stopping.signal)
    say(`${engine.name}: started in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
    return server
  } catch (error) {
    if (stopping.signal.aborted) return null
    if (!(error instanceof EngineMissing)) throw error
    say(`${engine.name}: not run (${error.message})`)
    return null
  }
}

async function test(started: Engine[], urls: Record<string, string>): Promise<number> {
  const files = started.map(({ adapter }) => `${adapter}.engine-test.ts`)
  const vitest = spawn('vitest', ['run', '--config', config, ...files], {
    env: { ...process.env, ...urls },
    stdio: 'inherit',
  })
  stopping.signal.addEventListener('abort', () => vitest.kill())
  const [code] = await once(vitest, 'close')
  return code ?? 1
}

function failed(sentence: string): number {
  process.stderr.write(`${sentence}\n`)
  return 1
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
