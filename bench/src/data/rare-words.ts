import { StartError } from '@ego/kit/process/start-error'
import { randomFrom, wordNumbers, wordOf } from './texts.ts'

/** The most hits that the target speaks of. */
export const hitsMax = 1_000
/** Words with few hits, but not with next to none. */
const usual = { min: 101, max: hitsMax }
const triesMax = 20_000

/** So many words, each with so many hits; `countHits` need not count beyond one more than `hitsMax`. */
export async function rareWords(
  countHits: (word: string) => Promise<number>,
  count: number,
  hits: { min: number; max: number } = usual,
): Promise<string[]> {
  const random = randomFrom(2)
  const words = new Set<string>()
  for (let tries = 0; tries < triesMax; tries += 1) {
    const word = wordOf(Math.floor(random() * random() * wordNumbers()))
    const found = await countHits(word)
    if (found >= hits.min && found <= hits.max) words.add(word)
    if (words.size === count) return [...words]
  }
  throw new StartError(
    `There are ${words.size} words with ${hits.min} hits or more, and ${count} are wanted: ` +
      'delete the folder and seed it with more --posts.',
  )
}
