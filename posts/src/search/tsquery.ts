import type { Query } from './query.ts'
import { wordsOf } from './words.ts'

// Our words go to Postgres as its own notation: its parser would find other ones in the text.

export function toTsvector(text: string): string {
  const positions = new Map<string, number[]>()
  for (const { word, position } of wordsOf(text)) {
    const known = positions.get(word)
    // Postgres keeps no more positions of one word than this.
    if (known === undefined) positions.set(word, [position])
    else if (known.length < 256) known.push(position)
  }
  return [...positions].map(([word, at]) => `${quoted(word)}:${at.join(',')}`).join(' ')
}

export function toTsquery({ terms }: Query): string {
  return terms
    .map(({ words, isPrefix, isExcluded }) => {
      const lexemes = words.map(quoted).join(' <-> ') + (isPrefix ? ':*' : '')
      return isExcluded ? `!(${lexemes})` : `(${lexemes})`
    })
    .join(' & ')
}

/** Any of the wanted words: ranking by all of them, or by phrases, compares each place of one with each of the others. */
export function toRankQuery({ terms }: Query): string {
  const wanted = terms.filter(({ isExcluded }) => !isExcluded)
  return wanted
    .flatMap(({ words, isPrefix }) => words.map(quoted).join(' | ') + (isPrefix ? ':*' : ''))
    .join(' | ')
}

function quoted(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
