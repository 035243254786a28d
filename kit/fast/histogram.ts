export type Histogram = {
  observe(value: number): void
  /** In the text format of Prometheus; `labels` is the text between the braces. */
  lines(name: string, labels: string): string[]
}

/** Not prom-client's: that hashes the labels for every value, which costs a request as much as finding its route. */
export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Array<number>(bounds.length + 1).fill(0)
  let sum = 0
  return {
    observe(value) {
      let index = 0
      while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1
      counts[index] = (counts[index] ?? 0) + 1
      sum += value
    },
    lines(name, labels) {
      let total = 0
      const buckets = counts.map((count, index) => {
        total += count
        return `${name}_bucket{${labels},le="${bounds[index] ?? '+Inf'}"} ${total}`
      })
      return [...buckets, `${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${total}`]
    },
  }
}
