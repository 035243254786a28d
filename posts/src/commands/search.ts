import {
  type Command,
  commandVariables,
  runProgram,
  type Surroundings,
} from '@ego/kit/commands/command'
import { readConfig } from '@ego/kit/process/config'
import { z } from 'zod'
import { indexVariables } from '../config.ts'
import { checkIndex, type Difference, type Report, type Summary } from '../search/check.ts'
import { cleanIndex, rebuildIndex } from '../search/rebuild.ts'
import { wireSearch } from './wire.ts'

const usage = `Usage: npm run search -- <command> [--data DIR]

  check     compares what is found with the posts, names the first differences and mends all of them
  reindex   builds the index anew beside the one in use, then switches without an interruption
  clean     drops the copies of the index that broken rebuilds have left, and names them

It works on DATABASE_URL when that is set; else on the embedded platform that runs on the data folder
(--data, EGO_DATA, .data).
`

const configSchema = z.object({ ...commandVariables, ...indexVariables })
type Config = z.output<typeof configSchema>

const commands: Readonly<Record<string, Command<Surroundings<Config>>>> = {
  async check(surroundings) {
    await using search = await wireSearch(surroundings)
    const report = await checkIndex(search)
    // For a script that watches: something was wrong, although it is mended now.
    if (report.different > 0) process.exitCode = 3
    return describeReport(report)
  },

  async reindex(surroundings) {
    await using search = await wireSearch(surroundings)
    const begin = performance.now()
    const posts = await rebuildIndex({ ...search, onProgress: showProgress })
    showProgress(posts, '\r')
    const seconds = ((performance.now() - begin) / 1000).toFixed(1)
    return `The new index holds ${posts} posts and is in use; it took ${seconds} s.`
  },

  async clean(surroundings) {
    await using search = await wireSearch(surroundings)
    return describeDropped(await cleanIndex(search))
  },
}

await runProgram({
  service: 'posts',
  usage,
  loadConfig: (environment) => readConfig(configSchema, environment),
  parse: ([name = '', ...rest]) => (rest.length === 0 ? (commands[name] ?? null) : null),
})

/** A line that is written over belongs on a terminal only. */
function showProgress(posts: number, end = ''): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${posts} posts${end}`)
}

function describeReport(report: Report): string {
  const { posts, index, differences, different, waiting } = report
  const more = different - differences.length
  return [
    `posts  ${describe(posts)}`,
    `index  ${describe(index)}`,
    ...(waiting > 0 ? [`${waiting} not compared: they have just changed.`] : []),
    different === 0 ? 'They are the same.' : `${different} different, and mended:`,
    ...differences.map(describeDifference),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n')
}

function describeDropped(names: readonly string[]): string {
  if (names.length === 0) return 'Nothing to drop: there is no copy but the one in use.'
  return names.map((name) => `${name} was dropped.`).join('\n')
}

function describe({ count, digest }: Summary): string {
  return `${String(count).padStart(9)}  ${digest}`
}

function describeDifference({ postId, posts, index }: Difference): string {
  if (index === null) return `  ${postId}  was not found`
  if (posts === null) return `  ${postId}  was found, and is not there`
  return `  ${postId}  was found as revision ${index}, and is ${posts}`
}
