import { createHash, type Hash } from 'node:crypto'
import type { Entry, SearchIndex } from './index.ts'
import { project } from './project.ts'
import type { SearchSource } from './source.ts'

export type Difference = { postId: string; posts: number | null; index: number | null }

export type Report = {
  posts: Summary
  index: Summary
  /** The first ones; a revision of `null` is none. */
  differences: Difference[]
  /** How many there are in all. */
  different: number
}

/** Two of the same digest hold the same revisions of the same posts. */
export type Summary = { count: number; digest: string }

type Deps = { source: SearchSource; index: SearchIndex }

const batch = 2_000
const differencesMax = 20
const repairBatch = 500

/** Compares what is found with what is there, and makes the index show what it should. */
export async function checkIndex({ source, index }: Deps): Promise<Report> {
  const [posts, found] = [tally(), tally()]
  const differing: Difference[] = []
  for await (const [post, entry] of pairs(source, index)) {
    if (post) posts.add(post)
    if (entry) found.add(entry)
    if (post?.revision === entry?.revision) continue
    const postId = post?.postId ?? entry?.postId ?? ''
    differing.push({ postId, posts: post?.revision ?? null, index: entry?.revision ?? null })
  }
  await repair({ source, index }, differing)
  return {
    posts: posts.summary(),
    index: found.summary(),
    differences: differing.slice(0, differencesMax),
    different: differing.length,
  }
}

async function repair(deps: Deps, differing: readonly Difference[]): Promise<void> {
  const bring = project(deps)
  for (let from = 0; from < differing.length; from += repairBatch) {
    await bring(differing.slice(from, from + repairBatch).map(({ postId }) => postId))
  }
}

/** Both in the order of the ids, side by side; what only one of them has comes without a partner. */
async function* pairs(source: SearchSource, index: SearchIndex) {
  const posts = each<Entry>((after) => source.list(after, batch))
  const entries = each<Entry>((after) => index.list(after, batch))
  let [post, entry] = [await next(posts), await next(entries)]
  while (post !== null || entry !== null) {
    const order = compare(post, entry)
    yield [order <= 0 ? post : null, order >= 0 ? entry : null] as const
    if (order <= 0) post = await next(posts)
    if (order >= 0) entry = await next(entries)
  }
}

async function* each<T extends Entry>(page: (after: string | null) => Promise<T[]>) {
  for (let after: string | null = null; ; ) {
    const items: T[] = await page(after)
    const last = items.at(-1)
    if (!last) return
    yield* items
    after = last.postId
  }
}

async function next<T>(items: AsyncGenerator<T>): Promise<T | null> {
  const { value, done } = await items.next()
  return done ? null : value
}

/** Below 0 where only the first is at its place in the order; nothing comes after everything. */
function compare(a: Entry | null, b: Entry | null): number {
  if (a === null) return 1
  if (b === null) return -1
  return Math.sign(Number(a.postId > b.postId) - Number(a.postId < b.postId))
}

function tally() {
  const hash: Hash = createHash('sha256')
  let count = 0
  return {
    add({ postId, revision }: Entry) {
      count += 1
      hash.update(`${postId} ${revision}\n`)
    },
    summary: (): Summary => ({ count, digest: hash.digest('hex').slice(0, 16) }),
  }
}
