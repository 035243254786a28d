import { svgBar, svgLine, svgPage, svgText } from './svg.ts'
import type { Row, Side } from './table.ts'

const width = 790
const barsFrom = 250
const targetWidth = 180
/** A bar of more than twice its target says no more by being longer. */
const shareMax = 2
const rowHeight = 26
const groupHeight = 44

const headings: Readonly<Record<Side, string>> = {
  'at least': 'At least: a bar should reach its line',
  'at most': 'At most: a bar should stay before its line',
}

/** All rows against their targets, which are one line for each group. */
export function barsSvg(rows: readonly Row[]): string {
  const parts: string[] = []
  let y = 0
  for (const side of ['at least', 'at most'] as const) {
    const own = rows.filter((row) => row.side === side)
    if (own.length === 0) continue
    parts.push(svgText(headings[side], { x: 16, y: y + 28, className: 'heading' }))
    y += groupHeight
    own.forEach((row, index) => {
      parts.push(...barOf(row, y + index * rowHeight))
    })
    const end = y + own.length * rowHeight
    const x = barsFrom + targetWidth
    parts.push(svgLine({ x, y: y - 4 }, { x, y: end - 4 }, 'target'))
    y = end
  }
  return svgPage({ width, height: y + 12 }, 'What was measured, beside its target', parts)
}

function barOf({ scenario, target, measured, share, isReached }: Row, y: number): string[] {
  const length = Math.min(share, shareMax) * targetWidth
  const className = isReached ? 'reached' : 'missed'
  const textFrom = barsFrom + Math.max(length, targetWidth) + 10
  return [
    svgText(scenario, { x: barsFrom - 10, y: y + 13, anchor: 'end' }),
    svgBar({ x: barsFrom, y, width: Math.max(length, 1), height: 18, className }),
    // Behind a long bar there is no room for both.
    svgText(share > 1.4 ? measured : `${measured}, ${target}`, {
      x: textFrom,
      y: y + 13,
      className: 'quiet',
    }),
  ]
}
