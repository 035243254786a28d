import { expect, test } from 'vitest'
import { isLoneCharacter, positionMax, wordBytesMax, wordsOf } from './words.ts'

const found = (text: string) => wordsOf(text).map(({ word }) => word)

test.each([
  ['Ego, hello_world! 42', 'ego hello_world 42'],
  ['#Hashtag @name _stressed_ ___', 'hashtag name stressed'],
  ['don’t l’amour п’ять пʼять', 'don t l amour п ять п ять'],
  ['Ångström e\u0301te\u0301 İstanbul Łódź ﬁn', 'angstrom ete istanbul lodz fin'],
  ['Größe STRASSE straße ẞ', 'grosse strasse strasse ss'],
  ['ΣΟΦΌΣ σοφός', 'σοφοσ σοφοσ'],
  ['Ёлка ЙОД', 'елка иод'],
  ['שָׁלוֹם צה״ל', 'שלום צה ל'],
  ['مُحَمَّد أحمد جمـــيل', 'محمد احمد جميل'],
  ['हिन्दी क्\u200Dष', 'हिन्दी क्ष'],
  ['สวัสดี', 'สวั วัส สดี ดี'],
  ['ລາວ', 'ລາ າວ ວ'],
  ['ខ្មែរ', 'ខ្មែ មែរ រ'],
  ['東京都', '東京 京都 都'],
  ['iPhone東京2024年', 'iphone 東京 京 2024 年'],
  ['カタカナ ｶﾞｷﾞ', 'カタ タカ カナ ナ ガギ ギ'],
  ['한국어 안녕ㅠ', '한국 국어 어 안녕 녕ᅲ ᅲ'],
  ['한국'.normalize('NFD'), '한국 국'],
  ['𝓗𝓮𝓵𝓵𝓸 ｗｉｄｅ', 'hello wide'],
  ['½ ㈦ ﷺ', '1 2 七 صلى الله عليه وسلم'],
  ['👩‍👩‍👧👍🏽❤️ ❤', '👩‍👩‍👧 👍🏽 ❤ ❤'],
  ['🇩🇪🇫🇷 🏳️‍🌈 1️⃣ #️⃣ Ego™', '🇩🇪 🇫🇷 🏳‍🌈 1 ego'],
  ['so\u00ADft \u200Frtl\u200F a\u200D', 'soft rtl a'],
  ["\0 \uD800 \uDC00 \\ : & | ! <-> ' \u200D \u0301", ''],
  ['', ''],
])('%j has the words %j', (text, words) => {
  expect(found(text).join(' ')).toBe(words)
})

test.each([
  ['ﬁn İx Straße Å', ['ﬁn', 'İx', 'Straße', 'Å']],
  ['東京都', ['東京', '京都', '都']],
  ['Ａb東京', ['Ａb', '東京', '京']],
  ['ｶﾞｷﾞ', ['ｶﾞｷﾞ', 'ｷﾞ']],
  ['(❤️)', ['❤️']],
])('the words of %j know where they were written', (text, written) => {
  expect(wordsOf(text).map(({ from, to }) => text.slice(from, to))).toEqual(written)
})

test('positions count from one and stop at the highest that the engines keep', () => {
  const words = wordsOf('ab '.repeat(positionMax + 10))
  expect(words).toHaveLength(positionMax + 10)
  expect(words.slice(0, 2).map(({ position }) => position)).toEqual([1, 2])
  expect(words.slice(-11).map(({ position }) => position)).toEqual(Array(11).fill(positionMax))
})

test.each([
  'x'.repeat(40_000),
  'é東'.repeat(9_000),
  'щ'.repeat(40_000),
  `a${'\u0F71'.repeat(39_999)}`,
  `東${'\u3099'.repeat(39_999)}`,
  `${'x'.repeat(200)}${'_'.repeat(39_000)}x`,
  '👩‍'.repeat(9_000),
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿‍'.repeat(2_000),
])('a huge word is cut and found by the same cut', (text) => {
  for (const { word } of wordsOf(text).slice(0, 5)) {
    expect(Buffer.byteLength(word)).toBeLessThanOrEqual(wordBytesMax)
    expect(found(word)[0]).toBe(word)
  }
  expect(found(text).length).toBeGreaterThan(0)
})

test('every character is folded to words that stay as they are when they are folded again', () => {
  const unstable: string[] = []
  // Beyond the first plane most are Han letters and unassigned, so one of sixteen stands for its neighbours.
  for (let code = 0; code <= 0x10ffff; code += code < 0xffff ? 1 : 16) {
    for (const { word } of wordsOf(String.fromCodePoint(code))) {
      if (found(word)[0] !== word) unstable.push(code.toString(16))
    }
  }
  expect(unstable).toEqual([])
})

test.each([
  ['都', true],
  ['กิ', true],
  ['東京', false],
  ['a', false],
])('%j is one character of a script without spaces: %j', (word, isLone) => {
  expect(isLoneCharacter(word)).toBe(isLone)
})

// At once; with a pattern that looks at everything again for each character it would take until the test is given up.
test.each([
  ['words', 'Größe über the brown fox ', 80_000],
  ['pairs', '東京都知事選挙候補者', 400_000],
  ['underscores', `a${'_'.repeat(4_000)}`, 1],
  ['joiners', `a${'\u200D'.repeat(4_000)}`, 1],
  ['half-width letters', 'ｶﾞｷﾞ', 200_000],
  ['marks', '\u0301', 0],
])('a huge text of %s has all its words', (_, part, count) => {
  const text = part.repeat(Math.ceil(400_000 / part.length))
  expect(wordsOf(text)).toHaveLength(count)
})
