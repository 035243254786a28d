import { beforeEach, describe, expect, test } from 'vitest'
import { parseQuery } from './query.ts'
import { rebuildContract } from './rebuild.contract.ts'
import type { Document, SearchIndex, Wanted } from './search-index.ts'
import { hostileQueries, queries, texts } from './search-index-cases.contract.ts'

/** `fresh` gives an index without documents; it may be called again and again. */
export function searchIndexContract(fresh: () => Promise<SearchIndex>): void {
  let index: SearchIndex
  let documents = 0

  beforeEach(async () => {
    index = await fresh()
  })

  /** Ids ascend in the order of the calls. */
  function aDocument(textContent: string, changes: Partial<Document> = {}): Document {
    documents += 1
    const createdAt = new Date(Date.UTC(2026, 0, 1, 0, documents))
    const postId = idOf(createdAt, documents)
    return { postId, creatorId: 1, createdAt, revision: 1, textContent, ...changes }
  }

  /** As `uuidv7` makes it: the time, then what tells those of one moment apart. */
  function idOf(createdAt: Date, number: number): string {
    const time = createdAt.getTime().toString(16).padStart(12, '0')
    const rest = number.toString(16).padStart(12, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${rest}`
  }

  async function put(...texts: string[]): Promise<Document[]> {
    const made = texts.map((text) => aDocument(text))
    await index.put(made)
    return made
  }

  const wanted = (q: string, changes: Partial<Wanted> = {}): Wanted => ({
    query: parseQuery(q),
    creatorId: null,
    since: null,
    until: null,
    sort: 'newest',
    after: null,
    limit: 100,
    ...changes,
  })
  const find = async (q: string, changes: Partial<Wanted> = {}) =>
    (await index.search(wanted(q, changes))).postIds

  async function pages(q: string, limit: number, changes: Partial<Wanted> = {}) {
    const found: string[][] = []
    let after: string | null = null
    do {
      const hits = await index.search(wanted(q, { ...changes, limit, after }))
      found.push(hits.postIds)
      after = hits.next
    } while (after !== null)
    return found
  }

  const ids = (made: readonly Document[]) => made.map(({ postId }) => postId)

  describe('a query', () => {
    test.each(queries)('%j finds %j', async (q, expected) => {
      const made = await put(...texts)
      expect(await find(q)).toEqual(expected.map((at) => made[at]?.postId))
      expect((await find(q, { sort: 'relevance' })).sort()).toEqual(
        expected.map((at) => made[at]?.postId).sort(),
      )
    })

    test('without terms finds every post, also one without words', async () => {
      const made = await put(...texts)
      expect(await find('')).toEqual(ids(made).reverse())
    })

    test.each(hostileQueries)('%j is one', async (q) => {
      await put("o'neil a\\ b", 'x'.repeat(10_000))
      for (const sort of ['newest', 'relevance'] as const) {
        await expect(index.search(wanted(q, { sort }))).resolves.toBeDefined()
      }
    })

    test('may name a writer and a time', async () => {
      const [first, second, third] = [
        aDocument('word', { creatorId: 1 }),
        aDocument('word', { creatorId: 2 }),
        aDocument('word', { creatorId: 1 }),
      ]
      await index.put([first, second, third])
      expect(await find('word', { creatorId: 1 })).toEqual(ids([third, first]))
      expect(await find('', { creatorId: 2 })).toEqual(ids([second]))
      expect(await find('word', { creatorId: 3 })).toEqual([])
      expect(await find('word', { since: second.createdAt })).toEqual(ids([third, second]))
      expect(await find('word', { until: second.createdAt })).toEqual(ids([first]))
      const between = { since: second.createdAt, until: third.createdAt }
      expect(await find('word', between)).toEqual(ids([second]))
    })

    test.each([
      ['a minute later than its post is', 60_000],
      ['a day earlier than its post is', -86_400_000],
    ])('finds by the time of a post, whose id may be %s', async (_, difference) => {
      const createdAt = new Date(Date.UTC(2026, 0, 1))
      const idAt = new Date(createdAt.getTime() + difference)
      const post = aDocument('word', { createdAt, postId: idOf(idAt, 1) })
      await index.put([post])
      const later = new Date(createdAt.getTime() + 1)
      for (const q of ['word', '']) {
        expect(await find(q, { since: createdAt, until: later })).toEqual([post.postId])
        expect(await find(q, { since: later })).toEqual([])
        expect(await find(q, { until: createdAt })).toEqual([])
      }
    })

    test.each([
      ['since', '0000-01-01T00:00:00Z', 1],
      ['until', '9999-12-31T23:59:59-12:00', 1],
      ['since', '9999-12-31T23:59:59-12:00', 0],
      ['until', '0001-01-01T00:00:00Z', 0],
    ])('may name any time: %s %s finds %d', async (bound, time, count) => {
      await put('word')
      expect(await find('word', { [bound]: new Date(time) })).toHaveLength(count)
    })

    test('finds a prefix of a thousand words', async () => {
      await put(...Array.from({ length: 1_000 }, (_, n) => `prefix${n}`))
      const hits = await pages('prefix*', 400)
      expect(hits.map((page) => page.length)).toEqual([400, 400, 200])
    })
  })

  describe('relevance', () => {
    test('puts first where the words make up more of the text', async () => {
      const made = await put(
        `${'other words here '.repeat(40)} fox`,
        'fox',
        `fox fox ${'other words here '.repeat(40)}`,
      )
      const [rare, alone, twice] = ids(made)
      expect(await find('fox', { sort: 'relevance' })).toEqual([alone, twice, rare])
    })

    test('of equals puts the newest first', async () => {
      const made = await put('same text', 'same text', 'same text')
      expect(await find('same', { sort: 'relevance' })).toEqual(ids(made).reverse())
    })
  })

  describe.each(['newest', 'relevance'] as const)('pages by %s', (sort) => {
    test('hold everything once, however many there are, also while posts are added', async () => {
      const made = await put(...Array.from({ length: 4_600 }, () => 'very frequent'))
      const first = await index.search(wanted('frequent', { sort, limit: 900 }))
      await put('frequent')
      const found = [first.postIds]
      for (let after = first.next; after !== null; ) {
        const hits = await index.search(wanted('frequent', { sort, limit: 900, after }))
        found.push(hits.postIds)
        after = hits.next
      }
      expect(found.flat()).toEqual(ids(made).reverse())
    })

    test('of exactly as many as are ranked end', async () => {
      await put(...Array.from({ length: 2_000 }, () => 'frequent'))
      expect((await pages('frequent', 1_000, { sort })).flat()).toHaveLength(2_000)
    })

    test('hold everything once and in order, equals too', async () => {
      await put(...Array.from({ length: 7 }, (_, n) => `paged ${'more '.repeat(n % 3)}`))
      const whole = await find('paged', { sort })
      expect(whole).toHaveLength(7)
      expect(await pages('paged', 2, { sort })).toEqual([
        whole.slice(0, 2),
        whole.slice(2, 4),
        whole.slice(4, 6),
        whole.slice(6),
      ])
      expect((await pages('paged', 7, { sort })).length).toBe(1)
    })

    test('neither repeat nor miss anything while posts are added', async () => {
      await put(...Array.from({ length: 6 }, (_, n) => `paged ${'more '.repeat(n % 3)}`))
      const whole = await find('paged', { sort })
      const first = await index.search(wanted('paged', { sort, limit: 3 }))
      await put('paged', 'paged paged', 'paged more more')
      const rest: string[] = []
      for (let after = first.next; after !== null; ) {
        const page = await index.search(wanted('paged', { sort, limit: 2, after }))
        rest.push(...page.postIds)
        after = page.next
      }
      const known = new Set(whole)
      expect([...first.postIds, ...rest.filter((id) => known.has(id))]).toEqual(whole)
      expect(new Set([...first.postIds, ...rest]).size).toBe(first.postIds.length + rest.length)
    })

    test.each(['', 'forged', '../../etc', "1'--", '9'.repeat(400), 'unranked ', 'unranked 1'])(
      'after %j are refused with a RangeError',
      async (after) => {
        await put('word')
        await expect(index.search(wanted('word', { sort, after }))).rejects.toThrow(RangeError)
      },
    )
  })

  describe('what was written', () => {
    test('replaces what was there, unless that is newer', async () => {
      const post = aDocument('first')
      await index.put([post])
      await index.put([{ ...post, revision: 3, textContent: 'third' }])
      await index.put([{ ...post, revision: 2, textContent: 'second' }])
      expect(await find('third')).toEqual([post.postId])
      for (const gone of ['first', 'second']) expect(await find(gone)).toEqual([])
      expect(await index.list(null, 10)).toEqual([{ postId: post.postId, revision: 3 }])
    })

    test('may be written again', async () => {
      const post = aDocument('word')
      for (const _ of [1, 2]) await index.put([post])
      expect(await find('word')).toEqual([post.postId])
    })

    test('is gone once it is removed, and removing what is absent is fine', async () => {
      const [kept, gone] = await put('kept word', 'gone word')
      await index.remove([gone?.postId ?? '', aDocument('never').postId])
      await index.remove([])
      await index.put([])
      expect(await find('word')).toEqual([kept?.postId])
      expect(await index.list(null, 10)).toEqual([{ postId: kept?.postId, revision: 1 }])
    })

    test('is listed by its id in pages', async () => {
      const made = await put(...Array.from({ length: 5 }, (_, n) => `text ${n}`))
      const entries = made.map(({ postId }) => ({ postId, revision: 1 }))
      expect(await index.list(null, 3)).toEqual(entries.slice(0, 3))
      expect(await index.list(entries[2]?.postId ?? null, 3)).toEqual(entries.slice(3))
      expect(await index.list(entries[4]?.postId ?? null, 3)).toEqual([])
    })

    test('holds the longest text', async () => {
      const long = Array.from({ length: 20_000 }, (_, n) => `w${n.toString(36)}`).join(' ')
      const made = await put(`${long} end`, '𝒳'.repeat(40_000), '東'.repeat(40_000))
      expect(await find('w5')).toEqual([made[0]?.postId])
    })
  })

  rebuildContract({ index: () => index, aDocument, put, find })

  test('an index that nothing was ever asked of can be searched', async () => {
    await expect(index.check()).resolves.toBeUndefined()
  })
}
