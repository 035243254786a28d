import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { StartError } from '@ego/kit/process/start-error'
import type { LoadJob, Work } from './load-job.ts'

/** Failures in the words of wrk; empty when there were none. */
export type WrkResult = { count: number; seconds: number; failures: string }

type Plain = Extract<Work, { kind: 'get' }>
type Scripted = Exclude<Work, Plain>

const run = promisify(execFile)
const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

export function hasWrk(): boolean {
  return !spawnSync('wrk', ['--version']).error
}

export async function runWrk({ url, work, connections, seconds }: LoadJob): Promise<WrkResult> {
  await using resources = new AsyncDisposableStack()
  const asked =
    work.kind === 'get'
      ? [...headersOf(work), url + work.path]
      : ['-s', script, url, '--', work.kind, await writeLines(work, resources)]
  const load = ['-t1', `-c${connections}`, `-d${Math.max(1, Math.round(seconds))}s`]
  // A machine that is busy with something else is slow, which is no failure yet.
  const { stdout } = await run('wrk', [...load, '--timeout', '10s', ...asked])
  const result = parseWrk(stdout)
  if (result.failures) throw new StartError(`${url} was asked by wrk; ${result.failures}`)
  return result
}

function headersOf({ headers }: Plain): string[] {
  return Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
}

/** What the script takes in turn. It holds tokens, so only its owner may read it. */
async function writeLines(work: Scripted, resources: AsyncDisposableStack): Promise<string> {
  const folder = resources.adopt(await mkdtemp(join(tmpdir(), 'ego-wrk-')), (path) =>
    rm(path, { recursive: true }),
  )
  const file = join(folder, 'lines')
  await writeFile(file, `${linesOf(work).join('\n')}\n`, { mode: 0o600 })
  return file
}

function linesOf(work: Scripted): string[] {
  if (work.kind === 'refresh') return work.refreshTokens
  if (work.kind === 'post') return work.accessTokens
  const { names, password } = work
  return names.map((username) => JSON.stringify({ username, password }))
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60 }

/** `54321 requests in 2.00s, 12.34MB read`, and a line about errors if there were any. */
export function parseWrk(output: string): WrkResult {
  const [, count, time, unit = ''] = /(\d+) requests in ([\d.]+)(ms|s|m)/.exec(output) ?? []
  if (count === undefined) throw new StartError(`wrk has answered: ${output}`)
  const failures = output.split('\n').filter((line) => failure.test(line))
  return {
    count: Number(count),
    seconds: Number(time) * (unitSeconds[unit] ?? 1),
    failures: failures.map((line) => line.trim()).join('; '),
  }
}

/** wrk tells of them only when there are any. */
const failure = /^ *(Non-2xx or 3xx responses|Socket errors):/
