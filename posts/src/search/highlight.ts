import type { Query, Term } from './query.ts'
import { isLoneCharacter, type Word, wordsOf } from './words.ts'

export const fragmentsMax = 3
export const fragmentCharacters = 160
const charactersBefore = 40

/**
 * The places of a text that made it match, as HTML: escaped, each match in `<em>`, `…` where the text goes on. Empty when
 * no term that is not excluded is in the text.
 */
export function highlights(text: string, query: Query): string[] {
  const terms = query.terms.filter(({ isExcluded }) => !isExcluded)
  if (terms.length === 0) return []
  const words = wordsOf(text)
  const matches = merge(terms.flatMap((term) => matchesOf(term, words, text)))
  return fragmentsOf(matches, words, text).map((fragment) => toHtml(fragment, matches, text))
}

type Span = { from: number; to: number }

function matchesOf(term: Term, words: Word[], text: string): Span[] {
  const matches: Span[] = []
  for (const [index, first] of words.entries()) {
    if (!standsAt(term, words, index)) continue
    const lastIndex = index + term.words.length - 1
    matches.push({ from: first.from, to: endOf(term, words, lastIndex, text) })
  }
  return matches
}

function standsAt({ words: wanted, isPrefix }: Term, words: Word[], index: number): boolean {
  const start = words[index]?.position ?? 0
  return wanted.every((word, offset) => {
    const found = words[index + offset]
    if (found?.position !== start + offset) return false
    const mayGoOn = isPrefix && offset === wanted.length - 1
    return mayGoOn ? found.word.startsWith(word) : found.word === word
  })
}

/** A lone character is also the beginning of a pair; the second one of the pair was not looked for. */
function endOf({ words: wanted, isPrefix }: Term, words: Word[], index: number, text: string) {
  const { from, to } = words[index] ?? { from: 0, to: 0 }
  const second = words[index + 1]?.from ?? to
  const isPair = from < second && second < to
  const last = wanted.at(-1) ?? ''
  if (!isPair || !isPrefix || !isLoneCharacter(last)) return to
  const [character] = wordsOf(text.slice(from, second))
  return character?.word.startsWith(last) ? second : to
}

function merge(spans: Span[]): Span[] {
  const merged: Span[] = []
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else merged.push({ from, to })
  }
  return merged
}

function fragmentsOf(matches: Span[], words: Word[], text: string): Span[] {
  const fragments: Span[] = []
  let shownTo = 0
  for (const match of matches) {
    if (fragments.length === fragmentsMax) break
    if (match.from < shownTo) continue
    const fragment = fragmentAround(match, shownTo, { words, text })
    fragments.push(fragment)
    shownTo = fragment.to
  }
  return fragments
}

/** Cut where a word begins or ends; inside a word only when it is longer than a fragment. */
function fragmentAround(match: Span, shownTo: number, { words, text }: Source): Span {
  const isShort = text.length <= fragmentCharacters
  const earliest = isShort ? 0 : Math.max(match.from - charactersBefore, shownTo)
  const from =
    earliest === 0 ? 0 : (words.find((word) => word.from >= earliest)?.from ?? match.from)
  const latest = from + fragmentCharacters
  if (latest >= text.length) return { from, to: text.length }
  if (match.to > latest) return { from, to: graphemeEnd(text, from, latest) }
  const lastWord = words.findLast((word) => word.to <= latest)
  return { from, to: Math.max(lastWord?.to ?? 0, match.to) }
}

type Source = { words: Word[]; text: string }

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })
const longGrapheme = 32

function graphemeEnd(text: string, from: number, latest: number): number {
  const around = text.slice(from, latest + longGrapheme)
  const start = graphemes.segment(around).containing(latest - from)?.index ?? 0
  return start > 0 ? from + start : latest
}

function toHtml(fragment: Span, matches: Span[], text: string): string {
  let html = fragment.from > 0 ? '…' : ''
  let written = fragment.from
  for (const match of matches) {
    const from = Math.max(match.from, fragment.from)
    const to = Math.min(match.to, fragment.to)
    if (from >= to) continue
    html += `${escapeHtml(text.slice(written, from))}<em>${escapeHtml(text.slice(from, to))}</em>`
    written = to
  }
  html += escapeHtml(text.slice(written, fragment.to))
  return fragment.to < text.length ? `${html}…` : html
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
