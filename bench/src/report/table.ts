export type Row = {
  scenario: string
  target: string
  measured: string
  isReached: boolean
  note: string
  /** For the picture: what was measured, as a share of the target, and on which side of it is good. */
  share: number
  side: Side
}

export type Side = 'at least' | 'at most'

type Given = Omit<Row, 'isReached' | 'share'> & { value: number; limit: number }

export function toRow({ value, limit, ...row }: Given): Row {
  const isReached = row.side === 'at least' ? value >= limit : value <= limit
  return { ...row, share: value / limit, isReached }
}

const heads = ['scenario', 'target', 'measured', 'verdict', 'note']

function cellsOf({ scenario, target, measured, isReached, note }: Row): string[] {
  return [scenario, target, measured, isReached ? 'reached' : 'missed', note]
}

/** For a terminal. */
export function textTable(rows: readonly Row[]): string {
  const cells = [heads, ...rows.map(cellsOf)]
  const widths = heads.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  const lines = cells.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '))
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

export function markdownTable(headings: readonly string[], lines: readonly string[][]): string {
  const rule = headings.map(() => '---')
  return [headings, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

export function markdownRows(rows: readonly Row[]): string {
  return markdownTable(heads, rows.map(cellsOf))
}
