import { generator } from '../load/load.ts'
import type { Plan } from '../measure/rounds.ts'
import { conditions, resultsPath, writePicture, writeSection } from '../report/report.ts'
import { barsSvg } from '../report/svg-bars.ts'
import { markdownRows, type Row, textTable } from '../report/table.ts'
import { openBench, type Scenario } from './bench.ts'
import { feedScenario } from './feed.ts'
import { loginScenario } from './login.ts'
import { meScenario } from './me.ts'
import { memoryScenario } from './memory.ts'
import { postScenario } from './post.ts'
import { profileScenario } from './profile.ts'
import { refreshScenario } from './refresh.ts'
import { searchScenario } from './search.ts'
import { startScenario } from './start.ts'
import { verifyScenario } from './verify.ts'

/** In this order: what must not be disturbed by other platforms comes first. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  start: startScenario,
  memory: memoryScenario,
  verify: verifyScenario,
  me: meScenario,
  profile: profileScenario,
  login: loginScenario,
  refresh: refreshScenario,
  post: postScenario,
  search: searchScenario,
  feed: feedScenario,
}

type Options = { folder: string; plan: Plan; names: readonly string[] }

/** Measures, prints the table, and keeps it when it is a whole one. */
export async function runScenarios({ folder, plan, names }: Options): Promise<void> {
  await using bench = openBench(folder, plan)
  const rows: Row[] = []
  for (const name of names) {
    process.stderr.write(`${name}…\n`)
    rows.push(...((await scenarios[name]?.(bench)) ?? []))
  }
  process.stdout.write(`${textTable(rows)}\nLoad by ${generator}; ${conditions()}.\n`)
  if (plan.isQuick) process.stdout.write('Quick: this says that everything runs, not how fast.\n')
  const isWhole = names.length === Object.keys(scenarios).length
  if (!isWhole || plan.isQuick) return
  writePicture('results.svg', barsSvg(rows))
  writeSection('Numbers to reach', sectionOf(rows, plan))
  process.stdout.write(`Written to ${resultsPath()}.\n`)
}

function sectionOf(rows: readonly Row[], { rounds, seconds }: Plan): string {
  return `${conditions()}. Load by ${generator}.
Ratios are medians of ${rounds} rounds of ${seconds} s (smallest–largest).

![What was measured, beside its target](results.svg)

${markdownRows(rows)}`
}
