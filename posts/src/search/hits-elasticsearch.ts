import type { Client, estypes } from '@elastic/elasticsearch'
import type { Term } from './query.ts'
import { type Hits, isPostId, noPosition, type Wanted } from './search-index.ts'

/** Elasticsearch gives no longer pages. */
export const hitsMax = 10_000
/** How long a client may look at a page before it asks for the next one. */
const pageKeepAlive = '5m'
/** Words that a prefix stands for, where it is longer than what is indexed of words; all of them are clauses of a query. */
const prefixWordsMax = 20

export const hitsOnly = {
  _source: false,
  track_total_hits: false,
  allow_partial_search_results: false,
} as const

const ranking: estypes.Sort = [{ _score: { order: 'desc' } }, { post_id: 'desc' }]
const rankedPattern =
  /^(\d{1,9}(?:\.\d{1,20})?(?:E-?\d{1,3})?) (\d{1,20}) (\S{36}) ([\w+/=-]{1,2000})$/i

export async function newest(client: Client, index: string, wanted: Wanted): Promise<Hits> {
  const { after, limit } = wanted
  if (after !== null && !isPostId(after)) throw noPosition()
  const { hits } = await client.search({
    ...hitsOnly,
    index,
    size: limit + 1,
    query: { bool: { filter: [conditions(wanted)] } },
    sort: [{ post_id: 'desc' }],
    ...(after !== null && { search_after: [after] }),
  })
  const postIds = idsOf(hits.hits).slice(0, limit)
  return { postIds, next: hits.hits.length > limit ? (postIds.at(-1) ?? null) : null }
}

/** Scores depend on every other post, so that all pages are of one moment. */
export async function relevant(client: Client, index: string, wanted: Wanted): Promise<Hits> {
  const { after, limit } = wanted
  const position = after === null ? null : parsePosition(after)
  const pit =
    position?.pit ?? (await client.openPointInTime({ index, keep_alive: pageKeepAlive })).id
  const request = {
    ...hitsOnly,
    pit: { id: pit, keep_alive: pageKeepAlive },
    size: limit + 1,
    query: conditions(wanted),
    sort: ranking,
    ...(position && { search_after: position.sort }),
  }
  const { hits, pit_id: pitNow = pit } = await client.search(request).catch((error: unknown) => {
    throw position && isUnknownPosition(error) ? noPosition(error) : error
  })
  const postIds = idsOf(hits.hits).slice(0, limit)
  const last = hits.hits[limit - 1]
  if (last && hits.hits.length > limit) {
    const [score, postId, place] = last.sort ?? []
    return { postIds, next: `${score} ${place} ${postId} ${pitNow}` }
  }
  await client.closePointInTime({ id: pitNow }, { ignore: [404] })
  return { postIds, next: null }
}

type Position = { sort: [number, string, number]; pit: string }

function parsePosition(position: string): Position {
  const [, score, place, postId = '', pit = ''] = rankedPattern.exec(position) ?? []
  if (!isPostId(postId)) throw noPosition()
  return { sort: [Number(score), postId, Number(place)], pit }
}

/** The client has waited for too long, the copy was replaced, or the position is made up. */
function isUnknownPosition(error: unknown): boolean {
  const status: unknown = Object(error).statusCode
  return status === 400 || status === 404
}

function idsOf(hits: estypes.SearchHit[]): string[] {
  return hits.map(({ _id = '' }) => _id)
}

/** Only the terms make a score. */
function conditions({ query, creatorId, since, until }: Wanted): estypes.QueryDslQueryContainer {
  const filter: estypes.QueryDslQueryContainer[] = []
  if (creatorId !== null) filter.push({ term: { creator_id: creatorId } })
  if (since) filter.push({ range: { created_at: { gte: since.getTime() } } })
  if (until) filter.push({ range: { created_at: { lt: until.getTime() } } })
  const [excluded, wantedTerms] = [true, false].map((isExcluded) =>
    query.terms.filter((term) => term.isExcluded === isExcluded).map(condition),
  )
  return { bool: { filter, must: wantedTerms ?? [], must_not: excluded ?? [] } }
}

function condition({ words, isPrefix }: Term): estypes.QueryDslQueryContainer {
  const [word = '', ...more] = words
  if (!isPrefix) {
    if (more.length === 0) return { term: { words: word } }
    return { match_phrase: { words: words.join(' ') } }
  }
  const prefix = words.at(-1) ?? ''
  const rewrite = `top_terms_${prefixWordsMax}`
  const beginning = { span_multi: { match: { prefix: { words: { value: prefix, rewrite } } } } }
  if (more.length === 0) {
    // The first finds all of them, the second only makes the score.
    return { bool: { filter: [{ prefix: { words: prefix } }], should: [beginning] } }
  }
  const clauses = [...words.slice(0, -1).map((term) => ({ span_term: { words: term } })), beginning]
  return { span_near: { clauses, slop: 0, in_order: true } }
}
