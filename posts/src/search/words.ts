export type Word = {
  word: string
  /** Counts from 1. Words of a phrase stand at successive positions. */
  position: number
  /** UTF-16 offsets in the text as it was written. */
  from: number
  to: number
}

/** The highest position that a tsvector holds. Words behind it are found alone, but not in phrases. */
export const positionMax = 16_383
export const wordBytesMax = 255

/**
 * The words of a text as both engines index them. An apostrophe ends a word, so that `amour` finds l'amour; a query for
 * `don't` still finds it, because the parts of one term are a phrase. An underscore counts only between letters, a mark
 * only behind one.
 */
export function wordsOf(text: string): Word[] {
  const words: Word[] = []
  const add: Add = (word, from, to) => {
    words.push({ word: cut(word), position: Math.min(words.length + 1, positionMax), from, to })
  }
  const fold = rememberedFold()
  for (const { 0: found, 1: emoji, index } of text.matchAll(wordOrEmoji)) {
    const to = index + found.length
    if (emoji !== undefined) add(emoji.replaceAll('\uFE0F', ''), index, to)
    else if (onlyAscii.test(found)) add(found.toLowerCase(), index, to)
    else addFolded(found, index, { add, fold })
  }
  return words
}

/** Whether the word is one character of a script without spaces, as the last one of a run is. */
export function isLoneCharacter(word: string): boolean {
  return onlyLoneCharacter.test(word)
}

type Add = (word: string, from: number, to: number) => void
type Fold = (text: string) => string
type Letters = { text: string; isSpaceless: boolean; from: number; to: number }

const letter = String.raw`[[\p{L}\p{N}]--[\u02BB\u02BC]]`
const spaceless = String.raw`[${letter}&&[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]]`
// © ® ™ ‼ ⁉ are pictographs to Unicode, but to people they are a part of the punctuation.
const pictograph = String.raw`[[\p{Extended_Pictographic}\p{Emoji_Modifier}]--[©®™‼⁉\p{L}]][\p{Emoji_Modifier}\uFE0F]{0,2}`
const flag = String.raw`\p{RI}{1,2}`
const emoji = String.raw`${pictograph}[\u{E0020}-\u{E007F}]{0,16}(?:\u200D${pictograph}){0,9}`

// Invisible characters (joiners, soft hyphens, marks of direction) do not end a word: Persian and Hindi need some of them.
const word = String.raw`${letter}(?:[${letter}\p{M}\p{Cf}_]*[${letter}\p{M}])?`
const wordOrEmoji = new RegExp(`${word}|(${emoji}|${flag})`, 'gv')
const foldedWord = new RegExp(word, 'gv')
const onlyAscii = /^\w+$/
const hasSpaceless = new RegExp(spaceless, 'v')
const onlyLoneCharacter = new RegExp(String.raw`^${spaceless}\p{M}*$`, 'v')
const lettersPattern = new RegExp(String.raw`${spaceless}\p{M}*|[^${spaceless}]+`, 'gv')

// What is folded at once: a stretch without anything to fold, or what can melt into one character, which is a base and its
// marks or the parts of a Korean syllable.
const attached = String.raw`[\p{M}\p{Cf}\u0640ﾞﾟ]`
const syllable = String.raw`(?:[\u1100-\u1112\u3131-\u314E\uFFA1-\uFFBE]${attached}*[\u1161-\u1175\u314F-\u3163\uFFC2-\uFFDC]|[가-힣])${attached}*[\u11A8-\u11C2]?`
const plain = String.raw`[[\p{Ideographic}ぁ-ヺ가-힣]--\p{CWKCF}](?!${attached}|[\u11A8-\u11C2])`
const clusterPattern = new RegExp(
  String.raw`(?:${plain})+|(?:${syllable}|\p{Any})${attached}*`,
  'gv',
)

function addFolded(run: string, at: number, { add, fold }: { add: Add; fold: Fold }): void {
  const folded = fold(run)
  if (!hasSpaceless.test(folded)) {
    for (const part of partsOf(folded)) add(part, at, at + run.length)
    return
  }
  const letters = folded === run ? splitLetters(run, 0) : foldedLetters(run, fold)
  for (const [index, { text, isSpaceless, from, to }] of letters.entries()) {
    const next = letters[index + 1]
    const pair = isSpaceless && next?.isSpaceless ? next : { text: '', to }
    const parts = isSpaceless ? [text + pair.text] : partsOf(text)
    for (const part of parts) add(part, at + from, at + pair.to)
  }
}

/** Folding can make several words of one: ½ becomes 1⁄2. */
function partsOf(folded: string): string[] {
  return folded.match(foldedWord) ?? []
}

/** The folded letters of a run, each with its place in the run as it was written. */
function foldedLetters(run: string, fold: Fold): Letters[] {
  const letters: Letters[] = []
  let from = 0
  for (const cluster of run.match(clusterPattern) ?? []) {
    const to = from + cluster.length
    const folded = fold(cluster)
    for (const part of splitLetters(folded, from)) {
      append(letters, folded === cluster ? part : { ...part, from, to })
    }
    from = to
  }
  return letters
}

function append(letters: Letters[], part: Letters): void {
  const last = letters.at(-1)
  if (last && !last.isSpaceless && !part.isSpaceless) {
    last.text += part.text
    last.to = part.to
  } else letters.push(part)
}

function splitLetters(text: string, at: number): Letters[] {
  let to = at
  return (text.match(lettersPattern) ?? []).map((found) => {
    const from = to
    to += found.length
    return { text: found, isSpaceless: hasSpaceless.test(found), from, to }
  })
}

// Accents, vowel points of Hebrew and Arabic, the Arabic tatweel, variation selectors, frames such as those of keycaps.
const dropped =
  /[\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE00-\uFE0F\uFE20-\uFE2F\u{E0100}-\u{E01EF}\u0640\p{Cf}[\p{M}&&[\p{scx=Hebrew}\p{scx=Arabic}]]]+/gv
const replaced = /[ßςıøłđæœ]/g
const replacements: Record<string, string> = {
  ß: 'ss',
  ς: 'σ',
  ı: 'i',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  æ: 'ae',
  œ: 'oe',
}

function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(dropped, '')
    .replace(replaced, (letter) => replacements[letter] ?? letter)
    .normalize('NFC')
}

function rememberedFold(): Fold {
  const known = new Map<string, string>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const folded = fold(text)
    known.set(text, folded)
    return folded
  }
}

const encoder = new TextEncoder()
const utf8UnitBytesMax = 3

function cut(word: string): string {
  if (word.length * utf8UnitBytesMax <= wordBytesMax) return word
  const { read } = encoder.encodeInto(word, new Uint8Array(wordBytesMax))
  return read === word.length ? word : word.slice(0, read).replace(/_+$/, '')
}
