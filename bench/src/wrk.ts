import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { StartError } from '@ego/kit/start-error'

type Load = {
  url: string
  headers: Readonly<Record<string, string>>
  connections: number
  seconds: number
}

/** Failures in the words of wrk; empty when there were none. */
export type WrkResult = { count: number; seconds: number; failures: string }

const run = promisify(execFile)

export function hasWrk(): boolean {
  return !spawnSync('wrk', ['--version']).error
}

export async function runWrk({ url, headers, connections, seconds }: Load): Promise<WrkResult> {
  const parameters = ['-t1', `-c${connections}`, `-d${Math.max(1, Math.round(seconds))}s`]
  // A machine that is busy with something else is slow, which is no failure yet.
  parameters.push('--timeout', '10s')
  for (const [name, value] of Object.entries(headers)) parameters.push('-H', `${name}: ${value}`)
  const { stdout } = await run('wrk', [...parameters, url])
  const result = parseWrk(stdout)
  if (result.failures) throw new StartError(`${url} was asked by wrk; ${result.failures}`)
  return result
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
