/** The middle of the values, and how far they lie apart. */
export type Spread = { median: number; min: number; max: number }

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: medianOf(sorted), min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 }
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0
  return (lower + upper) / 2
}

/** The value that this share of them does not exceed. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

export type Point = { x: number; y: number }

/** By how much y grows for each x, on the straight line with the smallest squared distances from the points. */
export function slopeOf(points: readonly Point[]): number {
  const meanX = meanOf(points.map((point) => point.x))
  const meanY = meanOf(points.map((point) => point.y))
  const varianceX = sumOf(points.map(({ x }) => (x - meanX) ** 2))
  if (varianceX === 0) return 0
  return sumOf(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / varianceX
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length
}
