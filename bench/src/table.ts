import type { Platform } from './platform.ts'

export type Row = {
  scenario: string
  target: string
  measured: string
  isReached: boolean
  note: string
}

export type Scenario = (platform: Platform) => Promise<Row[]>

export function printTable(rows: readonly Row[]): void {
  const cells = [
    ['scenario', 'target', 'measured', 'verdict', 'note'],
    ...rows.map(({ scenario, target, measured, isReached, note }) => [
      scenario,
      target,
      measured,
      isReached ? 'reached' : 'missed',
      note,
    ]),
  ]
  const widths = cells[0]?.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  for (const row of cells) {
    const line = row.map((cell, at) => cell.padEnd(widths?.[at] ?? 0)).join('  ')
    process.stdout.write(`${line.trimEnd()}\n`)
  }
}
