import { expect, test } from 'vitest'
import { fragmentCharacters, fragmentsMax, highlights } from './highlight.ts'
import { parseQuery } from './query.ts'
import { positionMax } from './words.ts'

const shown = (text: string, query: string) => highlights(text, parseQuery(query))
const plain = (html: string | undefined) => html?.replaceAll(/<\/?em>|…/g, '') ?? ''
const filler = 'The quick brown fox jumps over the lazy dog. '.repeat(8)

test.each([
  ['Hello wörld', 'WORLD', 'Hello <em>wörld</em>'],
  ['a well-known fact', 'well-known', 'a <em>well-known</em> fact'],
  ['good night, good morning', '"good morning"', 'good night, <em>good morning</em>'],
  ['good morning', 'good morning', '<em>good</em> <em>morning</em>'],
  ['hello help', 'hel*', '<em>hello</em> <em>help</em>'],
  ['good, not bad', 'good -awful', '<em>good</em>, not bad'],
  ['Straße ﬁn İx', 'strasse fin ix', '<em>Straße</em> <em>ﬁn</em> <em>İx</em>'],
  ['東京都知事', '東京都', '<em>東京都</em>知事'],
  ['京都と東京', '京', '<em>京</em>都と東<em>京</em>'],
  ['สวัสดีครับ', 'สวัสด*', '<em>สวัสดี</em>ครับ'],
  ['ｶﾞｷﾞｸﾞ', 'ギ', 'ｶﾞ<em>ｷﾞ</em>ｸﾞ'],
  ['I ❤️ it', '❤', 'I <em>❤️</em> it'],
  [`<b>&"it's"</b>`, 'it', '&lt;b&gt;&amp;&quot;<em>it</em>&#39;s&quot;&lt;/b&gt;'],
])('%j searched by %j is shown as %j', (text, query, html) => {
  expect(shown(text, query)).toEqual([html])
})

test.each([
  ['hello', '-hello'],
  ['hello', ''],
  ['hello', 'world'],
  ['good night morning', '"good morning"'],
  ['東大京都', '東京'],
  ['', 'a'],
])('%j searched by %j has no highlights', (text, query) => {
  expect(shown(text, query)).toEqual([])
})

test('words behind the last position are shown alone, but not as a phrase', () => {
  const text = `${'a '.repeat(positionMax)}bb cc`
  expect(shown(text, '"bb cc"')).toEqual([])
  expect(shown(text, 'bb')).toHaveLength(1)
})

test('a fragment of a long text is cut between words and says where', () => {
  const [html, ...others] = shown(`${filler}needle! ${filler}`, 'needle')
  expect(others).toEqual([])
  expect(html).toMatch(/^…\w+ .*<em>needle<\/em>! .*\w…$/)
  expect(filler).toContain(plain(html).split('needle! ')[1])
  expect(plain(html).split('needle! ')[1]).toMatch(/\b(The|quick|brown|fox|jumps|over|lazy|dog)$/)
  expect(plain(html).length).toBeGreaterThan(fragmentCharacters * 0.8)
  expect(plain(html).length).toBeLessThanOrEqual(fragmentCharacters)
})

test('at most three fragments are shown, and none repeats what another shows', () => {
  const text = Array.from({ length: 9 }, (_, index) => `${filler}needle${index} `).join('')
  const fragments = shown(text, 'needle*')
  expect(fragments.map((html) => html.match(/<em>(.*?)<\/em>/)?.[1])).toEqual([
    'needle0',
    'needle1',
    'needle2',
  ])
  expect(shown('needle '.repeat(200), 'needle')).toHaveLength(fragmentsMax)
})

test.each(['x', 'щ', '東', '👍🏽', 'e\u0301'])(
  'a huge match of %j is cut between characters',
  (part) => {
    const [html] = shown(part.repeat(2_000), `${part.repeat(2)}*`.replace('👍🏽👍🏽', '👍🏽'))
    expect(html?.endsWith('…')).toBe(true)
    expect(plain(html)).toBe(part.repeat(plain(html).length / part.length))
    expect(plain(html).length).toBeGreaterThan(fragmentCharacters * 0.8)
  },
)

test.each([
  ['a '.repeat(20_000), `"${'a '.repeat(64)}"`],
  ['a '.repeat(20_000), `"${'a '.repeat(63)}b"`],
  ['東'.repeat(20_000), '東'],
  ['東'.repeat(20_000), '東'.repeat(70)],
  [`a${'\u0301'.repeat(30_000)}`, 'a'],
])('hostile texts take time by their length only', (text, query) => {
  const start = performance.now()
  shown(text, query)
  expect(performance.now() - start).toBeLessThan(1_500)
})
