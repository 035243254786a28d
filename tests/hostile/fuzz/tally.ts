/** Counts the statuses of each operation. */
export type Tally = {
  note(operation: string, status: number): void
  count(): number
  successes(operation: string): number
  toText(): string
}

export function createTally(): Tally {
  const operations = new Map<string, Map<number, number>>()
  const sum = (counts: Iterable<number>) => [...counts].reduce((all, count) => all + count, 0)
  return {
    note(operation, status) {
      const statuses = operations.get(operation) ?? new Map<number, number>()
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      operations.set(operation, statuses)
    },
    count: () => sum([...operations.values()].map((statuses) => sum(statuses.values()))),
    successes(operation) {
      const good = [...(operations.get(operation) ?? [])]
        .filter(([status]) => status < 300)
        .map(([, count]) => count)
      return sum(good)
    },
    toText() {
      const lines = [...operations].map(([operation, statuses]) => {
        const counts = [...statuses].sort().map(([status, count]) => `${status}×${count}`)
        return `${operation}: ${counts.join(' ')}`
      })
      return lines.join('\n')
    },
  }
}
