import { describeStart } from '@ego/kit/process/start-error'
import { seed } from './data/seed.ts'
import { measureGrowth } from './growth/growth.ts'
import { chosen, type Options, readOptions, usage } from './options/options.ts'
import { startPlatform } from './platform/platform.ts'
import { runScenarios, scenarios } from './scenarios/scenarios.ts'
import { soak } from './soak/soak.ts'

// Servers are ended when this process exits, and a signal alone would not let it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  const options = readOptions(process.argv.slice(2), process.env.INIT_CWD ?? '.')
  if (options.isHelp) process.stdout.write(usage)
  else await run(options)
} catch (error) {
  process.stderr.write(`${describeStart(error)}\n`)
  process.exitCode = 1
}

async function run(options: Options): Promise<void> {
  const { command, folder, plan, only, number } = options
  if (command === 'measure') {
    return runScenarios({ folder, plan, names: chosen(only, Object.keys(scenarios)) })
  }
  if (command === 'growth') return measureGrowth(options)
  if (command === 'soak') return soak(options)
  const size = { posts: number('posts', 1_000_000), writers: number('writers', 100_000) }
  await using platform = await startPlatform(folder)
  await seed({ folder: platform.folder, ...size })
}
