import { setTimeout as sleep } from 'node:timers/promises'
import type { Platform } from '../platform.ts'
import { checkAfterwards } from './afterwards.ts'
import { faultsOf, type Outcome, runFault } from './faults.ts'
import { startLoad } from './load.ts'
import { table } from './table.ts'
import { createTraffic } from './traffic.ts'

const steadyMs = 5_000
const shownMax = 40

type Options = { seconds: number; signal: AbortSignal; say(line: string): void }

/** Runs all faults one after the other and resolves with the number of violations. */
export async function runFaults(platform: Platform, options: Options): Promise<number> {
  const { seconds, signal, say } = options
  const traffic = createTraffic(platform.url)
  const load = await startLoad(traffic)
  const outcomes: Outcome[] = []
  let shown = 0
  await sleep(steadyMs)
  outcomes.push({ name: 'none', answers: [...traffic.answers], recoveryMs: 0 })
  for (const fault of faultsOf(platform)) {
    if (signal.aborted) break
    outcomes.push(await runFault(fault, { platform, traffic, signal, seconds }))
    say(`${fault.part} was ${fault.ending} and restarted; ${traffic.violations.length} violations`)
    for (const violation of traffic.violations.slice(shown)) say(`  ${violation}`)
    shown = traffic.violations.length
  }
  await load.stop()
  const { members } = load
  const quietMs = await checkAfterwards({ platform, traffic, members }).catch((error: unknown) => {
    traffic.violations.push(`The final check failed: ${error}`)
    return 0
  })
  const posts = members.reduce((sum, member) => sum + member.posts.size, 0)
  say(`\n${table(outcomes)}\n`)
  say(
    `${members.length} accounts and ${posts} posts were checked; nothing waited after ${(quietMs / 1_000).toFixed(1)} s.`,
  )
  const { violations } = traffic
  for (const violation of violations.slice(shown, shown + shownMax)) say(`  ${violation}`)
  say(violations.length === 0 ? 'Nothing was lost.' : `${violations.length} violations.`)
  return violations.length
}
