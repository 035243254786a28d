import type { Difference, Report, Summary } from '../search/check.ts'

export function describeReport(report: Report): string {
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

export function describeDropped(names: readonly string[]): string {
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
