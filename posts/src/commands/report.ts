import type { Difference, Report, Summary } from '../search/check.ts'

export function describeReport({ posts, index, differences, different }: Report): string {
  const summaries = [`posts  ${describe(posts)}`, `index  ${describe(index)}`]
  if (different === 0) return [...summaries, 'They are the same.'].join('\n')
  const more = different - differences.length
  return [
    ...summaries,
    `${different} different, and mended:`,
    ...differences.map(describeDifference),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n')
}

function describe({ count, digest }: Summary): string {
  return `${String(count).padStart(9)}  ${digest}`
}

function describeDifference({ postId, posts, index }: Difference): string {
  if (index === null) return `  ${postId}  was not found`
  if (posts === null) return `  ${postId}  was found, and is not there`
  return `  ${postId}  was found as revision ${index}, and is ${posts}`
}
