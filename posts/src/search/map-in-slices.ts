import { setImmediate } from 'node:timers/promises'

/** About five milliseconds of words; a page or a batch may hold a hundred times as many. */
const sliceUnits = 20_000

/** Works through texts one after the other, and lets other requests run between slices of them. */
export async function mapInSlices<T extends { textContent: string }, R>(
  items: readonly T[],
  work: (item: T) => R,
): Promise<R[]> {
  const results: R[] = []
  let units = 0
  for (const item of items) {
    units += item.textContent.length
    if (units > sliceUnits) {
      units = item.textContent.length
      await setImmediate()
    }
    results.push(work(item))
  }
  return results
}
