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

function quoted(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
