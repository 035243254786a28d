import { createHash, type Hash } from 'node:crypto'
import { project } from './project.ts'
import type { Entry, SearchIndex } from './search-index.ts'
import type { SearchSource } from './source.ts'

/** The revision of a post, and the one that is found; `null` is none. */
export type Difference = { postId: string; posts: number | null; index: number | null }

export type Report = {
  posts: Summary
  index: Summary
  /** The first ones. */
  differences: Difference[]
  /** How many there are in all. */
  different: number
  /** Changed, and not projected yet, which is no fault; they are in neither summary. */
  waiting: number
}

/** Two of the same digest hold the same revisions of the same posts. */
export type Summary = { count: number; digest: string }

type Deps = { source: SearchSource; index: SearchIndex }

type Page = { compared: Difference[]; wrong: Difference[]; waiting: number; end: string | null }

const batch = 1_000
const differencesMax = 20

/** Compares what is found with what is there, and makes the index show what it should. */
export async function checkIndex(deps: Deps): Promise<Report> {
  const [posts, found] = [tally(), tally()]
  const differences: Difference[] = []
  let [different, waiting] = [0, 0]
  let after: string | null = null
  do {
    const from: string | null = after
    const page: Page = await deps.source.exclusively(() => checkPage(deps, from))
    for (const { postId, posts: revision, index } of page.compared) {
      if (revision !== null) posts.add({ postId, revision })
      if (index !== null) found.add({ postId, revision: index })
    }
    differences.push(...page.wrong.slice(0, differencesMax - differences.length))
    different += page.wrong.length
    waiting += page.waiting
    after = page.end
  } while (after !== null)
  return { posts: posts.summary(), index: found.summary(), differences, different, waiting }
}

/**
 * Nothing is projected meanwhile. The posts are read first: what changes after that is stale once it can be seen, so
 * whatever differs and is not stale is wrong.
 */
async function checkPage({ source, index }: Deps, after: string | null): Promise<Page> {
  const posts = await source.list(after, batch)
  const entries = await index.list(after, batch)
  const end = endOf(posts, entries)
  const pairs = pairUp(posts, entries).filter(({ postId }) => end === null || postId <= end)
  const differing = pairs.filter((pair) => pair.posts !== pair.index)
  const stale = new Set(await source.listStale(differing.map(({ postId }) => postId)))
  const wrong = differing.filter(({ postId }) => !stale.has(postId))
  await mend({ source, index }, wrong)
  const compared = pairs.filter(({ postId }) => !stale.has(postId))
  return { compared, wrong, waiting: stale.size, end }
}

/** How far both have been read; `null` when there is no more. */
function endOf(...pages: readonly Entry[][]): string | null {
  const lasts = pages.flatMap((page) => (page.length < batch ? [] : page.slice(-1)))
  return lasts.map(({ postId }) => postId).sort()[0] ?? null
}

function pairUp(posts: readonly Entry[], entries: readonly Entry[]): Difference[] {
  const pairs = new Map<string, Difference>()
  for (const { postId, revision } of posts) {
    pairs.set(postId, { postId, posts: revision, index: null })
  }
  for (const { postId, revision } of entries) {
    pairs.set(postId, { postId, posts: pairs.get(postId)?.posts ?? null, index: revision })
  }
  return [...pairs.values()].sort((a, b) => (a.postId < b.postId ? -1 : 1))
}

async function mend({ source, index }: Deps, wrong: readonly Difference[]): Promise<void> {
  if (wrong.length === 0) return
  // The index keeps the higher revision, so one that never was has to go first.
  const tooNew = wrong.filter((pair) => (pair.index ?? 0) > (pair.posts ?? 0))
  await index.remove(tooNew.map(({ postId }) => postId))
  const postIds = wrong.map(({ postId }) => postId)
  await project({ source, index }, postIds)
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
