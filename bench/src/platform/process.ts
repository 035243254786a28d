import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { StartError } from '@ego/kit/process/start-error'
import type { z } from 'zod'

/** A server in a process of its own; disposing ends it. */
export type Server = AsyncDisposable & { url: string; pid: number }

type ServerOptions = {
  /** For messages. */
  name: string
  command: readonly [string, ...string[]]
  environment?: Readonly<Record<string, string>>
  port: number
  /** Answers 200 once everything is ready. */
  readyPath: string
}

const startMsMax = 60_000
const readyPollMs = 5

export async function startServer(options: ServerOptions): Promise<Server> {
  const { name, command, environment = {}, port, readyPath } = options
  const [program, ...parameters] = command
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  })
  const exited = once(child, 'exit')
  const stop = endWithUs(child)
  const url = `http://127.0.0.1:${port}`
  try {
    await untilAnswers(`${url}${readyPath}`, name, () => child.exitCode !== null)
  } catch (error) {
    stop()
    throw error
  }
  return {
    url,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      stop()
      await exited
    },
  }
}

/** Runs a program of bench/src that reads its job from its input and tells the result on its output. */
export async function runJob<Result>(
  script: string,
  job: unknown,
  result: z.ZodType<Result>,
): Promise<Result> {
  const child = spawn(process.execPath, [scriptPath(script)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  endWithUs(child)
  child.stdin.end(JSON.stringify(job))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new StartError(`${script} has failed.`)
  return result.parse(JSON.parse(output))
}

export function scriptPath(script: string): string {
  return fileURLToPath(new URL(`../${script}`, import.meta.url))
}

/** Nothing is left running, however this process ends. */
function endWithUs(child: ChildProcess): () => void {
  const stop = () => void child.kill('SIGTERM')
  process.once('exit', stop)
  child.once('exit', () => process.off('exit', stop))
  return stop
}

async function untilAnswers(url: string, name: string, hasExited: () => boolean): Promise<void> {
  for (const deadline = Date.now() + startMsMax; Date.now() < deadline; ) {
    if (hasExited()) throw new StartError(`${name} ended before it answered.`)
    const response = await fetch(url).catch(() => null)
    await response?.arrayBuffer()
    if (response?.ok) return
    await sleep(readyPollMs)
  }
  throw new StartError(`${name} did not answer within ${startMsMax / 1000} s.`)
}
