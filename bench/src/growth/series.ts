/** What one request costs, by how much there is. */
export type Series = {
  name: string
  /** What there is more and more of. */
  of: string
  unit: string
  points: readonly Cost[]
}

export type Cost = { size: number; cost: number }

/** Medians of one cost differ by as much from run to run. */
const noise = 1.05

export type Growth = { factor: number; logFactor: number; isWorse: boolean }

/** From the smallest size to the largest, beside the logarithm; of one more, as a size may be 1. */
export function growthOf(points: readonly Cost[]): Growth {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return { factor: 1, logFactor: 1, isWorse: false }
  const factor = last.cost / first.cost
  const logFactor = Math.log(last.size + 1) / Math.log(first.size + 1)
  return { factor, logFactor, isWorse: factor > logFactor * noise }
}

export function sentenceOf({ name, of, unit, points }: Series): string {
  const { factor, logFactor, isWorse } = growthOf(points)
  const at = (point: Cost | undefined) =>
    `${(point?.cost ?? 0).toPrecision(3)} ${unit} at ${point?.size.toLocaleString('en-US')} ${of}`
  const verdict = isWorse ? 'worse than log(n)' : 'no worse than log(n)'
  return `**${name}**: ${at(points[0])}, ${at(points.at(-1))}; ${factor.toFixed(2)} times as much, where the logarithm is ${logFactor.toFixed(2)} times as large: ${verdict}.`
}
