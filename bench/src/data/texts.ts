/** The same texts in every run. */
export type Random = () => number

/** mulberry32: small, fast and good enough to choose words by. */
export function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const syllables = 'ka lo mi ra ten sul vo pri ne da gor ish um bel ot fa wi zen cru ly'.split(' ')
const vocabularySize = 60_000

/** Word number n, always the same and never that of another number. */
export function wordOf(n: number): string {
  let rest = n
  let word = ''
  do {
    word += syllables[rest % syllables.length]
    rest = Math.floor(rest / syllables.length)
  } while (rest > 0)
  return word
}

/** As in a language: a few words are in most texts, most words in few. */
export function textOf(random: Random): string {
  const words = 6 + Math.floor(random() * 30)
  return Array.from({ length: words }, () =>
    wordOf(Math.floor(vocabularySize ** random() * random())),
  ).join(' ')
}

export function wordNumbers(): number {
  return vocabularySize
}
