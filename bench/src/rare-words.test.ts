import { expect, test } from 'vitest'
import { rareWords } from './rare-words.ts'

test('words with the wanted number of hits are chosen, each once', async () => {
  const words = await rareWords(async (word) => word.length * 50)
  expect(new Set(words).size).toBe(200)
  for (const word of words) expect(word.length * 50).toBeGreaterThan(100)
})

test('where hardly a word has so many hits, a sentence says what to do', async () => {
  await expect(rareWords(async () => 3)).rejects.toThrow(/^There are 0 words .* more --posts\.$/)
})
