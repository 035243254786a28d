import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { describeStart } from '@ego/kit/start-error'
import { startPlatform } from './platform.ts'
import { positive } from './positive.ts'
import { feedScenario } from './scenario-feed.ts'
import { searchScenario } from './scenario-search.ts'
import { seed } from './seed.ts'
import { printTable, type Scenario } from './table.ts'

const usage = `Usage: npm run bench -- [seed] [--only NAME] [--data DIR] [--posts N] [--writers N]

  seed      fills the data folder with posts, once
  (none)    measures, and prints a table
`

const scenarios: Readonly<Record<string, Scenario>> = {
  search: searchScenario,
  feed: feedScenario,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    data: { type: 'string', default: '.data-bench' },
    posts: { type: 'string', default: '1000000' },
    writers: { type: 'string', default: '100000' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

try {
  await main()
} catch (error) {
  process.stderr.write(`${describeStart(error)}\n`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const names = values.only === undefined ? Object.keys(scenarios) : [values.only]
  const isKnown = names.every((name) => Object.hasOwn(scenarios, name))
  if (values.help || !isKnown || positionals.some((word) => word !== 'seed')) {
    process.stdout.write(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const size = {
    posts: positive('--posts', values.posts),
    writers: positive('--writers', values.writers),
  }
  const folder = resolve(process.env.INIT_CWD ?? '.', values.data)
  await using platform = await startPlatform(folder)
  if (positionals.includes('seed')) {
    await seed({ folder, ...size })
    return
  }
  const rows = []
  for (const name of names) rows.push(...((await scenarios[name]?.(platform)) ?? []))
  printTable(rows)
}
