import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '@ego/kit/process/start-error'
import type { Options } from '../options/options.ts'
import { type Platform, startPlatform } from '../platform/platform.ts'
import { runJob } from '../platform/process.ts'
import { makeScratch } from '../platform/scratch.ts'
import { conditions, writeSection } from '../report/report.ts'
import { readSamples, slopesOf } from './memory.ts'
import { countOpenEnds, settledEnds } from './open-ends.ts'
import { trafficResultSchema } from './traffic-job.ts'
import { type Check, checksOf, type Soaked } from './verdict.ts'

const walkers = 12
const minutesUsual = 10
const warmUpSeconds = 15
/** A pool gives a connection back after 30 s of quiet. */
const idleMs = 40_000
const settleMsMax = 60_000

/** Exits 1 when something fails, leaks or grows. */
export async function soak({ folder, plan, number }: Options): Promise<void> {
  if (process.platform !== 'linux') throw new StartError('The soak reads /proc, so it wants Linux.')
  const minutes = number('minutes', minutesUsual)
  const seconds = plan.isQuick ? 20 : minutes * 60
  const soaked = await run(folder, seconds)
  const checks = checksOf(soaked)
  const lines = checks.map(({ text, isGood }) => `- ${isGood ? 'good' : '**violated**'}: ${text}\n`)
  process.stdout.write(lines.join('').replaceAll('**', ''))
  for (const text of soaked.traffic.refused) process.stdout.write(`  ${text}\n`)
  if (!checks.every((check: Check) => check.isGood)) process.exitCode = 1
  if (plan.isQuick || minutes < minutesUsual) return
  writeSection('Soak', `${conditions()}. ${minutes} minutes of mixed traffic.\n\n${lines.join('')}`)
}

async function run(folder: string, seconds: number): Promise<Soaked> {
  await using scratch = await makeScratch(folder)
  const memoryFile = join(scratch.path, '../memory.jsonl')
  await using platform = await startPlatform(scratch.path, {
    NODE_OPTIONS: `--import=${new URL('memory-report.ts', import.meta.url).href}`,
    EGO_BENCH_MEMORY: memoryFile,
  })
  say(`${warmUpSeconds} s of traffic, then quiet…`)
  await send(platform, Math.min(warmUpSeconds, seconds))
  await sleep(idleMs)
  const before = countOpenEnds(platform.pid)
  say(`${seconds} s of traffic…`)
  const fromMs = Date.now()
  const traffic = await send(platform, seconds)
  const toMs = Date.now()
  say('quiet again…')
  await sleep(idleMs)
  const after = await settledEnds(platform.pid, before, settleMsMax)
  return { traffic, before, after, memory: slopesOf(readSamples(memoryFile), fromMs, toMs) }
}

function send({ url }: Platform, seconds: number) {
  return runJob('soak/traffic.ts', { url, walkers, seconds }, trafficResultSchema)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
