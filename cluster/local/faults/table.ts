import type { Outcome } from './faults.ts'
import { type Answer, isOutage } from './traffic.ts'

const columns = ['fault', 'requests', 'by status', 'longest', 'recovered after', 'refused'] as const

export function table(outcomes: readonly Outcome[]): string {
  const rows = [columns, ...outcomes.map(rowOf)]
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function rowOf({ name, answers, recoveryMs }: Outcome): readonly string[] {
  const counts = new Map<number, number>()
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1)
  const statuses = [...counts].toSorted(([one], [other]) => one - other)
  const longest = Math.max(0, ...answers.map(({ ms }) => ms))
  return [
    name,
    String(answers.length),
    statuses.map(([status, count]) => `${status}: ${count}`).join(' '),
    seconds(longest),
    seconds(recoveryMs),
    refusedIn(answers),
  ]
}

/** The refused operations with their counts. */
function refusedIn(answers: readonly Answer[]): string {
  const counts = new Map<string, number>()
  for (const answer of answers.filter(isOutage)) {
    counts.set(answer.operation, (counts.get(answer.operation) ?? 0) + 1)
  }
  const names = [...counts].toSorted(([, one], [, other]) => other - one)
  return names.map(([operation, count]) => `${operation} ${count}`).join(', ')
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
