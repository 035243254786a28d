import { medianOf, type Spread, spreadOf } from './statistics.ts'

/** What one run has shown: how many a second, and what each of them cost the server. */
export type Run = { rate: number; cpuMicros: number | null }

export type Comparison = {
  ratio: Spread
  product: Spread
  reference: Spread
  /** Processor time of the server and its children for one request, where the system tells it. */
  cpuMicros: { product: number | null; reference: number | null }
}

export type Plan = {
  rounds: number
  /** How long one run lasts. */
  seconds: number
  /** For CI, where only matters that everything runs. */
  isQuick: boolean
}

/** Of two numbers the one that suits the plan. */
export function amountOf(
  { isQuick }: Plan,
  { usual, quick }: { usual: number; quick: number },
): number {
  return isQuick ? quick : usual
}

const warmUpSeconds = 2

type Pair = {
  product(seconds: number): Promise<Run>
  reference(seconds: number): Promise<Run>
}

/** One after the other in turns, so that whatever else the machine does disturbs both alike. */
export async function interleave(plan: Plan, pair: Pair): Promise<Comparison> {
  const { rounds, seconds, isQuick } = plan
  if (!isQuick) {
    await pair.product(warmUpSeconds)
    await pair.reference(warmUpSeconds)
  }
  const products: Run[] = []
  const references: Run[] = []
  for (let round = 0; round < rounds; round += 1) {
    products.push(await pair.product(seconds))
    references.push(await pair.reference(seconds))
  }
  return compare(products, references)
}

/** The ratio is that of each round: what has slowed down a whole round does not count. */
export function compare(products: readonly Run[], references: readonly Run[]): Comparison {
  return {
    ratio: spreadOf(products.map(({ rate }, round) => rate / (references[round]?.rate ?? 0))),
    product: spreadOf(products.map(({ rate }) => rate)),
    reference: spreadOf(references.map(({ rate }) => rate)),
    cpuMicros: { product: cpuMicrosOf(products), reference: cpuMicrosOf(references) },
  }
}

function cpuMicrosOf(runs: readonly Run[]): number | null {
  const known = runs.flatMap(({ cpuMicros }) => (cpuMicros === null ? [] : [cpuMicros]))
  return known.length > 0 ? medianOf(known) : null
}
