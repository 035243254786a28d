import { expect, test } from 'vitest'
import { rareWords } from './rare-words.ts'

test('words with the wanted number of hits are chosen, each once', async () => {
  const words = await rareWords(async (word) => word.length * 50, 200)
  expect(new Set(words).size).toBe(200)
  for (const word of words) expect(word.length * 50).toBeGreaterThan(100)
})

test('where hardly a word has so many hits, a sentence says what to do', async () => {
  await expect(rareWords(async () => 3, 200)).rejects.toThrow(
    /^There are 0 words .* more --posts\.$/,
  )
})

test('other bounds can be given', async () => {
  const words = await rareWords(async (word) => word.length, 10, { min: 4, max: 5 })
  expect(words).toHaveLength(10)
  for (const word of words) expect([4, 5]).toContain(word.length)
})
