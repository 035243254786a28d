import { amountOf, type Plan } from '../measure/rounds.ts'
import type { Cost, Series } from './series.ts'

/** What a part of the growth needs: the sizes, the folder for its platform, and how thorough it is. */
export type Given = { sizes: readonly number[]; folder: string; plan: Plan }

export type Part = (given: Given) => Promise<Series[]>

/** How many requests a median is of. */
export function samplesOf(plan: Plan): number {
  return amountOf(plan, { usual: 400, quick: 40 })
}

/**
 * Measures one size after the other, and puts the costs of each name in a series. The owner of the platform has to wait
 * for it: what is returned without `await` outlives it.
 */
export async function measureSizes(
  { sizes }: Given,
  { of, unit }: Pick<Series, 'of' | 'unit'>,
  measure: (size: number) => Promise<Readonly<Record<string, number>>>,
): Promise<Series[]> {
  const costs = new Map<string, Cost[]>()
  for (const size of sizes) {
    process.stderr.write(`${size.toLocaleString('en-US')} ${of}…\n`)
    for (const [name, cost] of Object.entries(await measure(size))) {
      costs.set(name, [...(costs.get(name) ?? []), { size, cost }])
    }
  }
  return [...costs].map(([name, points]) => ({ name, of, unit, points }))
}
