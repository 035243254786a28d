import type { Tx } from '@ego/kit/postgres/postgres'
import { type Part, part } from '@ego/kit/postgres/sql-text'
import type { Query } from './query.ts'
import { type Hits, isPostId, noPosition, type Wanted } from './search-index.ts'

/** Ranking reads every hit: of a word that half of the posts have, the newest are ranked. */
const rankedMax = 2_000

export const live = part`(select generation from search_generation where is_live)`

export async function newest(tx: Tx, wanted: Wanted): Promise<Hits> {
  const { after, limit } = wanted
  if (after !== null && !isPostId(after)) throw noPosition()
  const rows = await tx<{ post_id: string }[]>`
    select post_id
    from search_document
    where ${conditions(wanted)}
      ${after === null ? part`` : part`and post_id < ${after}`}
    order by post_id desc
    limit ${limit + 1}`
  const postIds = rows.slice(0, limit).map((row) => row.post_id)
  return { postIds, next: rows.length > limit ? (postIds.at(-1) ?? null) : null }
}

/** Those behind the ranked ones are on pages of their own, so the page before them may be short. */
export async function relevant(tx: Tx, wanted: Wanted): Promise<Hits> {
  const [, unranked] = unrankedPattern.exec(wanted.after ?? '') ?? []
  if (unranked === undefined) return ranked(tx, wanted)
  const { postIds, next } = await newest(tx, { ...wanted, after: unranked })
  return { postIds, next: next === null ? null : unrankedAfter(next) }
}

const unrankedPattern = /^unranked (.*)$/

function unrankedAfter(postId: string): string {
  return `unranked ${postId}`
}

type RankedRow = {
  post_id: string
  score: number
  newest_id: string
  oldest_id: string
  is_all: boolean
}

async function ranked(tx: Tx, wanted: Wanted): Promise<Hits> {
  const { query, limit } = wanted
  const after = wanted.after === null ? null : parseRanked(wanted.after)
  // What came after the first page would push out what was to be on a later one.
  const rows = await tx<RankedRow[]>`
    with candidate as (
      select post_id, words
      from search_document
      where ${conditions(wanted)}
        ${after === null ? part`` : part`and post_id <= ${after.newestId}`}
      order by post_id desc
      limit ${rankedMax}
    ),
    ranked as (
      select
        post_id,
        ts_rank(words, ${toRankQuery(query)}::tsquery, 1) as score,
        first_value(post_id) over everything as newest_id,
        last_value(post_id) over everything as oldest_id,
        count(*) over everything < ${rankedMax} as is_all
      from candidate
      window everything as (
        order by post_id desc
        rows between unbounded preceding and unbounded following
      )
    )
    select post_id, score, newest_id, oldest_id, is_all
    from ranked
    ${after === null ? part`` : part`where (score, post_id) < (${after.score}::real, ${after.postId}::uuid)`}
    order by score desc, post_id desc
    limit ${limit + 1}`
  const found = rows.slice(0, limit)
  const isLastRanked = rows.length <= limit
  return {
    postIds: found.map((row) => row.post_id),
    next: nextOf(found.at(-1), isLastRanked),
  }
}

function nextOf(last: RankedRow | undefined, isLastRanked: boolean): string | null {
  if (!last) return null
  if (!isLastRanked) return `${last.score} ${last.post_id} ${last.newest_id}`
  return last.is_all ? null : unrankedAfter(last.oldest_id)
}

type Ranked = { score: number; postId: string; newestId: string }

const rankedPattern = /^(\d(?:\.\d{1,20})?(?:e-\d{1,3})?) (\S{36}) (\S{36})$/

function parseRanked(position: string): Ranked {
  const [, score, postId = '', newestId = ''] = rankedPattern.exec(position) ?? []
  if (!isPostId(postId) || !isPostId(newestId) || !isScore(Number(score))) throw noPosition()
  return { score: Number(score), postId, newestId }
}

/** What Postgres can read as a `real`. */
function isScore(score: number): boolean {
  return score === 0 || (score > 1e-37 && score < 1e37)
}

function conditions({ query, creatorId, since, until }: Wanted): Part {
  return part`
    generation = ${live}
    ${query.terms.length === 0 ? part`` : part`and words @@ ${toTsquery(query)}::tsquery`}
    ${creatorId === null ? part`` : part`and creator_id = ${creatorId}`}
    ${since === null ? part`` : part`and created_at >= ${since} and post_id >= ${idAt(since, -idAgeMsMax)}`}
    ${until === null ? part`` : part`and created_at < ${until} and post_id < ${idAt(until, clockMsMax)}`}`
}

/** Before 0003 a request that was sent again wrote its post with the id of the first try, up to a day older. */
const idAgeMsMax = 86_400_000 + 60_000
/** An id is made later than the time of its transaction, but hardly longer than a statement runs. */
const clockMsMax = 60_000

const timeMsMax = 2 ** 48 - 1

/** Posts are read in the order of their ids, so a time has to bound the ids too: else all newer posts are read for it. */
function idAt(time: Date, marginMs: number): string {
  const ms = Math.min(Math.max(time.getTime() + marginMs, 0), timeMsMax)
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

// Our words go to Postgres as its own notation: its parser would find other ones in the text.

function toTsquery({ terms }: Query): string {
  return terms
    .map(({ words, isPrefix, isExcluded }) => {
      const lexemes = words.map(quoted).join(' <-> ') + (isPrefix ? ':*' : '')
      return isExcluded ? `!(${lexemes})` : `(${lexemes})`
    })
    .join(' & ')
}

/** Any of the wanted words: ranking by all of them, or by phrases, compares each place of one with each of the others. */
function toRankQuery({ terms }: Query): string {
  const wanted = terms.filter(({ isExcluded }) => !isExcluded)
  return wanted
    .flatMap(({ words, isPrefix }) => words.map(quoted).join(' | ') + (isPrefix ? ':*' : ''))
    .join(' | ')
}

export function quoted(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
