import { expect, test } from 'vitest'
import { highlights } from './highlight.ts'
import { parseQuery, queryWordsMax, type Term, termsMax } from './query.ts'
import { type Word, wordsOf } from './words.ts'

const show = ({ words, isPrefix, isExcluded }: Term) =>
  `${isExcluded ? '-' : ''}${words.join('+')}${isPrefix ? '*' : ''}`

test.each([
  ['Hello wörld', 'hello world'],
  ['"good morning" “a b” „c d“ «e f» »g h«', 'good+morning a+b c+d e+f g+h'],
  ['"unclosed to the end', 'unclosed+to+the+end'],
  ['foo"bar baz"qux ("in brackets")', 'foo bar+baz qux in+brackets'],
  ['-bad -"very bad" - spaced well-known −minus', '-bad -very+bad spaced well+known -minus'],
  ['"-not" (-not either)', 'not either'],
  ['hel* "good mor*" * "*" a*b c＊', 'hel* good+mor* a+b c*'],
  ['e.mail don’t #tag @name', 'e+mail don+t tag name'],
  ['same SAME "same" -same same*', 'same -same same*'],
  ['東京都 東 -京 東京*', '東京+京都 東* -京* 東京*'],
  ['iPhone東京 東京2024', 'iphone+東京 東京+京+2024'],
  ['"東 京" 東京。大学', '東+京* 東京+京+大学'],
  ['한국어 สวัสดี', '한국+국어 สวั+วัส+สดี'],
  ['צה"ל "צה"ל שלום"', 'צה+ל צה+ל+שלום'],
  ['👍* 👩‍👩‍👧 ❤️*', '👍* 👩‍👩‍👧 ❤*'],
  ['½ 1/2', '1+2'],
  ['\u200Fשלום\u200F', 'שלום'],
  ["\0 \uD800 \\ : & | ! <-> ' () % -- \u200D", ''],
  ['"""', ''],
  ['', ''],
])('%j asks for %j', (text, terms) => {
  expect(parseQuery(text).terms.map(show).join(' ')).toBe(terms)
})

test('terms beyond the limit are ignored, and repeated ones do not count', () => {
  const words = Array.from({ length: 40 }, (_, index) => `w${index}`)
  const terms = parseQuery(`${'w0 '.repeat(100)}${words.join(' ')}`).terms
  expect(terms.map(show)).toEqual(words.slice(0, termsMax))
})

test('a phrase is cut to the words that are left, an excluded one that is too long is ignored', () => {
  const long = Array.from({ length: 70 }, (_, index) => `w${index}`).join(' ')
  const [cut, ...others] = parseQuery(`-"${long}" "${long}*" more`).terms
  expect(cut).toEqual({
    words: long.split(' ').slice(0, queryWordsMax),
    isPrefix: false,
    isExcluded: false,
  })
  expect(others).toEqual([])
})

test.each(['"', '-', '-"', '*', '- a ', 'צ"', '東', 'a ', '\\', '\u200D', 'é', '"a'])(
  '100,000 characters of %j are parsed to few terms',
  (part) => {
    const { terms } = parseQuery(part.repeat(100_000 / part.length))
    expect(terms.length).toBeLessThanOrEqual(2)
  },
)

const alphabets = [
  'aZ0_-*"\'’ .',
  'éßİﬁÅł½ﷺﬀŉ',
  'ΣςάЙё\u0301\u0345',
  'שָׁ״"ل\u064Eـ',
  'हि्क\u200D\u200Cसวั\u0E33กา',
  '東京がｶﾞー々㈦ゟ한ㅏㄱ\u1112\u1161\u11AB',
  '👍🏽👩‍👧🇩🇪❤️1️⃣🏴󠁧󠁿™',
  '\0\uD800\uDC00\u200F\u00AD\uFEFF\n<&',
].map((letters) => [...letters])

test('every word, and every part of a text as a phrase, finds the random text it is from', () => {
  const random = seeded(20_240_229)
  for (let round = 0; round < 1_000; round++) {
    const text = randomText(random)
    const words = wordsOf(text)
    for (const [index, { word, from, to }] of words.entries()) {
      expect(from >= (words[index - 1]?.from ?? 0) && from < to && to <= text.length).toBe(true)
      expectFound(word, text)
      const last = words[Math.min(index + random(6), words.length - 1)]
      const part = text.slice(from, last?.to).replaceAll('"', ' ')
      expectFound(`"${part}"`, text)
    }
    for (const html of highlights(text, parseQuery(text))) expect(html).not.toMatch(/<(?!\/?em>)/)
  }
})

function expectFound(query: string, text: string): void {
  const { terms } = parseQuery(query)
  const words = wordsOf(text)
  const isFound = terms.length > 0 && terms.every((term) => finds(term, words))
  if (!isFound) expect.fail(`${JSON.stringify(query)} does not find ${JSON.stringify(text)}`)
  if (highlights(text, { terms }).length === 0) expect.fail(`no highlight in ${text}`)
}

/** What both engines do: the words at successive positions, the last one as a prefix if asked. */
function finds({ words: wanted, isPrefix }: Term, words: Word[]): boolean {
  return words.some(({ position: start }) =>
    wanted.every((word, offset) =>
      words.some(
        (candidate) =>
          candidate.position === start + offset &&
          (isPrefix && offset === wanted.length - 1
            ? candidate.word.startsWith(word)
            : candidate.word === word),
      ),
    ),
  )
}

function randomText(random: (below: number) => number): string {
  return Array.from({ length: random(24) }, () => {
    if (random(12) === 0) return String.fromCodePoint(random(0x110000))
    if (random(6) === 0) return String.fromCodePoint(random(0x3400))
    const letters = alphabets[random(alphabets.length)] ?? []
    return letters[random(letters.length)] ?? ''
  }).join('')
}

function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
