import { chosen, type Options } from '../options/options.ts'
import { conditions, resultsPath, writePicture, writeSection } from '../report/report.ts'
import { markdownTable } from '../report/table.ts'
import { growthOfConnections } from './connections.ts'
import { growthOfFollowers } from './followers.ts'
import type { Part } from './measure.ts'
import { growthOfPosts } from './posts.ts'
import { type Series, sentenceOf } from './series.ts'
import { growthOfSessions } from './sessions.ts'
import { linesSvg } from './svg-lines.ts'

type Name = 'posts' | 'followers' | 'sessions' | 'connections'
type Sizes = { usual: readonly number[]; quick: readonly number[]; measure: Part }

const parts: Readonly<Record<Name, Sizes>> = {
  posts: { usual: [10_000, 100_000, 1_000_000], quick: [10_000, 20_000], measure: growthOfPosts },
  followers: {
    usual: [10, 100, 1_000, 10_000, 100_000],
    quick: [10, 100],
    measure: growthOfFollowers,
  },
  sessions: {
    usual: [1_000, 10_000, 100_000, 1_000_000],
    quick: [100, 1_000],
    measure: growthOfSessions,
  },
  connections: { usual: [1, 10, 100, 1_000], quick: [1, 20], measure: growthOfConnections },
}

const names = ['posts', 'followers', 'sessions', 'connections'] as const

/** Prints how each cost grows; keeps it when all of it was measured at the usual sizes. */
export async function measureGrowth({ folder, plan, only, numbers }: Options): Promise<void> {
  const series: Series[] = []
  let isUsual = !plan.isQuick && only === null
  const wanted = new Set(chosen(only, names))
  for (const name of names.filter((each) => wanted.has(each))) {
    const { usual, quick, measure } = parts[name]
    const sizes = numbers(name, plan.isQuick ? quick : usual)
    isUsual &&= sizes.join() === usual.join()
    series.push(...(await measure({ sizes, folder, plan })))
  }
  const text = `${series.map((each) => `- ${sentenceOf(each)}\n`).join('')}`
  process.stdout.write(`${text.replaceAll('**', '')}\n${conditions()}.\n`)
  if (!isUsual) return
  writePicture('growth.svg', linesSvg(series))
  writeSection('How cost grows', sectionOf(series, text))
  process.stdout.write(`Written to ${resultsPath()}.\n`)
}

function sectionOf(series: readonly Series[], text: string): string {
  const lines = series.map(({ name, unit, points }) => [
    name,
    points
      .map(({ size, cost }) => `${size.toLocaleString('en-US')}: ${cost.toPrecision(3)}`)
      .join(', '),
    unit,
  ])
  return `${conditions()}. Medians of single requests; dashed is the logarithm, from the first point on.

![How the cost of a request grows](growth.svg)

${text}
${markdownTable(['what', 'size: cost', 'unit'], lines)}`
}
