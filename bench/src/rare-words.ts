import { StartError } from '@ego/kit/start-error'
import { randomFrom, wordNumbers, wordOf } from './texts.ts'

/** The most hits that the target speaks of. */
export const hitsMax = 1_000
const hitsMin = 100
const wordsMax = 200
const triesMax = 20_000

/** Words with few hits, but not with next to none; `countHits` need not count beyond one more than `hitsMax`. */
export async function rareWords(countHits: (word: string) => Promise<number>): Promise<string[]> {
  const random = randomFrom(2)
  const words = new Set<string>()
  for (let tries = 0; tries < triesMax; tries += 1) {
    const word = wordOf(Math.floor(random() * random() * wordNumbers()))
    const hits = await countHits(word)
    if (hits > hitsMin && hits <= hitsMax) words.add(word)
    if (words.size === wordsMax) return [...words]
  }
  throw new StartError(
    `There are ${words.size} words with more than ${hitsMin} hits, and ${wordsMax} are wanted: ` +
      'delete the folder and seed it with more --posts.',
  )
}
