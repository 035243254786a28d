import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeStart } from '../../kit/process/start-error.ts'
import { banner } from './banner.ts'
import { testEndToEnd } from './end-to-end.ts'
import { runFaults } from './faults/run.ts'
import { type Options, readOptions, usage } from './options.ts'
import { type Platform, startPlatform } from './platform.ts'

const stopping = new AbortController()
const { signal } = stopping
let hasFailed = false
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort())

try {
  const options = readOptions(process.argv.slice(2))
  if (!options) process.stdout.write(usage)
  else await runIn(options)
} catch (error) {
  fail(describeStart(error))
}
process.exit(hasFailed ? 1 : 0)

async function runIn(options: Options): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ego-cluster-'))
  try {
    await using platform = await startPlatform({
      ...options,
      folder,
      signal,
      onEnd: fail,
      say,
    })
    process.stdout.write(banner(platform, process.uptime()))
    if ((await use(platform, options)) > 0) hasFailed = true
  } catch (error) {
    hasFailed = true
    throw error
  } finally {
    if (hasFailed) process.stderr.write(`The logs are kept in ${folder}.\n`)
    else await rm(folder, { recursive: true, force: true })
  }
}

async function use(platform: Platform, { mode, seconds }: Options): Promise<number> {
  if (mode === 'e2e') return testEndToEnd(platform.url, signal)
  if (mode === 'faults') return runFaults(platform, { seconds, signal, say })
  if (!signal.aborted) await once(signal, 'abort')
  return 0
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function fail(sentence: string): void {
  hasFailed = true
  process.stderr.write(`${sentence}\n`)
  stopping.abort()
}
