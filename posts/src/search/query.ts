import { isLoneCharacter, wordsOf } from './words.ts'

/** Words that stand next to each other in this order. As a prefix, the last one is only the beginning of a word. */
export type Term = { words: string[]; isPrefix: boolean; isExcluded: boolean }

/** A post is found if it has every term but none of the excluded ones. */
export type Query = { terms: Term[] }

export const termsMax = 32
export const queryWordsMax = 64

/** Every text is a query; what is beyond the limits is ignored. */
export function parseQuery(text: string): Query {
  const terms = new Map<string, Term>()
  let wordsLeft = queryWordsMax
  for (const written of new Set(text.match(termPattern))) {
    const term = toTerm(written)
    const fitting = term && fit(term, wordsLeft)
    const key = JSON.stringify(fitting)
    if (!fitting || terms.has(key)) continue
    terms.set(key, fitting)
    wordsLeft -= fitting.words.length
    if (terms.size === termsMax || wordsLeft === 0) break
  }
  return { terms: [...terms.values()] }
}

const quote = '["“”„‟«»״＂]'
// Hebrew writes a quotation mark into its acronyms.
const quoteInWord = String.raw`(?<=\p{sc=Hebrew})${quote}(?=\p{sc=Hebrew})`
const notQuote = quote.replace('[', '[^')
const termPattern = new RegExp(
  String.raw`[\-−－]*(?:${quote}(?:${notQuote}|${quoteInWord})*${quote}?|(?:[^\p{White_Space}${quote}]|${quoteInWord})+)`,
  'gv',
)
const minus = /^[-−－]/
const star = /[*＊]/

function toTerm(text: string): Term | null {
  const found = wordsOf(text)
  const last = found.at(-1)
  if (!last) return null
  const words = found.map(({ word }) => word)
  const isLone = isLoneCharacter(last.word)
  // The text may go on where the query ends, so the last character of a run stands for itself only if it is the whole run.
  const isEndOfRun = isLone && (found.at(-2)?.to ?? 0) > last.from
  if (isEndOfRun) words.pop()
  const isPrefix = star.test(text.charAt(last.to)) || (isLone && !isEndOfRun)
  return { words, isPrefix, isExcluded: minus.test(text) }
}

/** A phrase that is cut finds more, which is harmless unless it is excluded. */
function fit(term: Term, wordsMax: number): Term | null {
  if (term.words.length <= wordsMax) return term
  if (term.isExcluded) return null
  return { ...term, words: term.words.slice(0, wordsMax), isPrefix: false }
}
