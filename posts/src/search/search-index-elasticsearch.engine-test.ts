import { randomBytes } from 'node:crypto'
import { isUnavailable } from '@ego/kit/postgres/errors'
import { afterEach, expect, test } from 'vitest'
import { parseQuery } from './query.ts'
import { searchIndexContract } from './search-index.contract.ts'
import type { Document, SearchIndex, Sort } from './search-index.ts'
import { elasticsearchIndex } from './search-index-elasticsearch.ts'

const url = process.env.EGO_TEST_ELASTICSEARCH ?? ''
const root = `test-${randomBytes(6).toString('hex')}`
let opened = new AsyncDisposableStack()
let count = 0

afterEach(async () => {
  await opened.disposeAsync()
  opened = new AsyncDisposableStack()
})

searchIndexContract(() => open(newPrefix()))

test('two processes may begin with it at the same moment', async () => {
  const prefix = newPrefix()
  const [one, other] = [await open(prefix), await open(prefix)]
  await Promise.all([one.put([aDocument(1, 'word')]), other.put([aDocument(2, 'word')])])
  expect(await find(one, 'word')).toEqual([id(2), id(1)])
})

test('a post that was removed may come back as it was', async () => {
  const index = await open(newPrefix())
  const post = aDocument(1, 'word')
  for (const _ of [1, 2, 3]) {
    await index.put([post])
    await index.remove([post.postId])
  }
  await index.put([post])
  expect(await find(index, 'word')).toEqual([post.postId])
})

test('a prefix finds all its words, however long it is, and the shortest text first', async () => {
  const index = await open(newPrefix())
  const word = 'x'.repeat(30)
  await index.put([
    ...Array.from({ length: 100 }, (_, n) =>
      aDocument(n, `the ${word}${n} ${'and more '.repeat(9)}`),
    ),
    aDocument(100, `${word}0`),
  ])
  for (const prefix of ['x', word]) {
    expect(await find(index, `${prefix}*`)).toHaveLength(101)
    expect((await find(index, `${prefix}*`, 'relevance'))[0]).toBe(id(100))
    expect(await find(index, `the -${prefix}*`)).toEqual([])
  }
  expect(await find(index, '"the x*"')).toHaveLength(100)
})

test('more than one request holds is written', async () => {
  const index = await open(newPrefix())
  const documents = Array.from({ length: 1_201 }, (_, n) => aDocument(n, `word ${n}`))
  await index.put(documents)
  expect(await index.list(null, 20_000)).toHaveLength(1_201)
  await index.remove(documents.slice(1).map(({ postId }) => postId))
  expect(await index.list(null, 20_000)).toEqual([{ postId: id(0), revision: 1 }])
})

test('a page by relevance is of the copy that was searched first, or refused', async () => {
  const index = await open(newPrefix())
  const documents = [1, 2, 3].map((n) => aDocument(n, 'word'))
  await index.put(documents)
  const first = await search(index, 'word', { sort: 'relevance', limit: 1 })
  expect(first.next?.length).toBeLessThan(500)
  const rebuild = await index.beginRebuild()
  await rebuild.fill(documents)
  await rebuild.finish()
  const second = search(index, 'word', { sort: 'relevance', limit: 1, after: first.next })
  await expect(second).rejects.toThrow(RangeError)
})

test('a rebuild that another one has overtaken, or that is finished, changes nothing', async () => {
  const index = await open(newPrefix())
  await index.put([aDocument(1, 'word')])
  const overtaken = await index.beginRebuild()
  const rebuild = await index.beginRebuild()
  await expect(overtaken.finish()).rejects.toThrow()
  await rebuild.fill([aDocument(2, 'word')])
  expect(await find(index, 'word')).toEqual([id(1)])
  await rebuild.finish()
  await expect(rebuild.finish()).rejects.toThrow()
  await expect(overtaken.fill([aDocument(3, 'word')])).rejects.toThrow()
  expect(await find(index, 'word')).toEqual([id(2)])
})

test('what is left is dropped only where it is ours and has no other alias', async () => {
  const prefix = newPrefix()
  const index = await open(prefix)
  await index.put([aDocument(1, 'word')])
  const others = [`${prefix}2-posts-000007`, `${prefix}-posts-posts-000007`, `${prefix}-posts-kept`]
  const named = `${prefix}-posts-000008`
  const left = [`${prefix}-posts-000006`, `${prefix}-posts-000007`]
  for (const name of [...others, named, ...left]) await ask('PUT', name)
  opened.defer(async () => void (await Promise.all(others.map((name) => ask('DELETE', name)))))
  await ask('PUT', `${named}/_alias/${prefix}-other`)
  expect(await index.dropLeft()).toEqual(left)
  expect(await index.dropLeft()).toEqual([])
  for (const name of [...others, named]) expect(await ask('HEAD', name)).toBe(200)
  expect(await find(index, 'word')).toEqual([id(1)])
})

test('an index that was removed under a running process is not ready', async () => {
  const prefix = newPrefix()
  const index = await open(prefix)
  await index.check()
  await dropAll(prefix)
  await expect(index.check()).rejects.toThrow()
})

test('a server that is away is unavailable, and one that refuses is a mistake', async () => {
  await using away = await elasticsearchIndex({
    ...options(newPrefix()),
    url: 'http://127.0.0.1:1',
  })
  await using refusing = await elasticsearchIndex(options('Not-Lowercase'))
  const works = [
    (index: SearchIndex) => index.put([aDocument(1, 'word')]),
    (index: SearchIndex) => index.remove([id(1)]),
    (index: SearchIndex) => search(index, 'word'),
    (index: SearchIndex) => index.list(null, 1),
    (index: SearchIndex) => index.beginRebuild(),
    (index: SearchIndex) => index.check(),
    (index: SearchIndex) => index.dropLeft(),
  ]
  for (const work of works) {
    expect(isUnavailable(await failureOf(work(away)))).toBe(true)
    expect(isUnavailable(await failureOf(work(refusing)))).toBe(false)
  }
})

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const failure = await work.catch((error: unknown) => error)
  if (failure instanceof Error) return failure
  throw new Error('It did not fail.')
}

function newPrefix(): string {
  count += 1
  return `${root}-${count}`
}

function options(prefix: string) {
  return { url, prefix, replicas: 0 }
}

async function open(prefix: string): Promise<SearchIndex> {
  const index = await elasticsearchIndex(options(prefix))
  opened.defer(() => dropAll(prefix))
  return opened.use(index)
}

async function dropAll(prefix: string): Promise<void> {
  const found = await fetch(`${url}/${prefix}-posts-*/_alias`)
  for (const name of Object.keys(Object(await found.json()))) {
    await fetch(`${url}/${name}`, { method: 'DELETE' })
  }
}

async function ask(method: string, path: string): Promise<number> {
  const response = await fetch(`${url}/${path}`, { method })
  await response.body?.cancel()
  return response.status
}

function id(n: number): string {
  return `0199d1d2-8c6a-7e0f-9a51-${n.toString(16).padStart(12, '0')}`
}

function aDocument(n: number, textContent: string): Document {
  return { postId: id(n), creatorId: 1, createdAt: new Date(0), revision: 1, textContent }
}

type Asked = { sort?: Sort; limit?: number; after?: string | null }

function search(index: SearchIndex, q: string, { sort, limit, after }: Asked = {}) {
  return index.search({
    query: parseQuery(q),
    creatorId: null,
    since: null,
    until: null,
    sort: sort ?? 'newest',
    after: after ?? null,
    limit: limit ?? 1_000,
  })
}

async function find(index: SearchIndex, q: string, sort: Sort = 'newest'): Promise<string[]> {
  return (await search(index, q, { sort })).postIds
}
