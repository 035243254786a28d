import { unavailable } from '@ego/kit/async/unavailable'
import type { Client, errors, estypes } from '@elastic/elasticsearch'
import {
  createIndex,
  dropLeft,
  namesOf,
  nextName,
  prepare,
  switchTo,
} from './copies-elasticsearch.ts'
import { hitsMax, hitsOnly, newest, relevant } from './hits-elasticsearch.ts'
import type { Document, SearchIndex } from './search-index.ts'
import { wordsOf } from './words.ts'

export type ElasticsearchOptions = {
  /** With name and password if it wants them. */
  url: string
  apiKey?: string
  /** All names of indices begin with it and `-posts`. */
  prefix: string
  replicas: number
}

const requestTimeoutMs = 10_000
const retriesMax = 1
/** A text of 5,000 characters is up to 40 kB of words, and Elasticsearch takes 100 MB at once. */
const bulkDocumentsMax = 500

/**
 * Each copy of the posts is an index, `<prefix>-posts-000001` and so on; the aliases `<prefix>-posts` and
 * `<prefix>-posts-building` say which one is searched and which one is being built. The first one is made when it is first
 * needed. The login needs `manage`, `read` and `write` of `<prefix>-posts*`.
 */
export async function elasticsearchIndex(
  options: ElasticsearchOptions,
): Promise<SearchIndex & AsyncDisposable> {
  // The client takes tens of megabytes of memory, which is only for those who use it.
  const sdk = await import('@elastic/elasticsearch')
  const client = new sdk.Client({
    node: options.url,
    ...(options.apiKey && { auth: { apiKey: options.apiKey } }),
    requestTimeout: requestTimeoutMs,
    maxRetries: retriesMax,
    enableMetaHeader: false,
  })
  const names = namesOf(options.prefix)
  const prepared = untilItWorks(() => prepare(client, options.replicas, names))

  /** There is an index to ask. No answer at all is a dependency that is away. */
  async function answered<T>(ask: () => Promise<T>): Promise<T> {
    try {
      await prepared()
      return await ask()
    } catch (error) {
      throw isAway(error, sdk.errors) ? away(error) : error
    }
  }

  /** Both, where another one is being built. */
  async function copies(): Promise<string[]> {
    const isBuilding = await client.indices.existsAlias({ name: names.building })
    return isBuilding ? [names.live, names.building] : [names.live]
  }

  return {
    async put(documents) {
      if (documents.length === 0) return
      await answered(async () => write(client, puts(documents, await copies()), { refresh: true }))
    },

    async remove(postIds) {
      if (postIds.length === 0) return
      await answered(async () =>
        write(client, removals(postIds, await copies()), { refresh: true }),
      )
    },

    search(wanted) {
      const find = wanted.sort === 'relevance' ? relevant : newest
      return answered(() => find(client, names.live, wanted))
    },

    async list(after, limit) {
      const { hits } = await answered(() =>
        client.search({
          ...hitsOnly,
          index: names.live,
          size: Math.min(limit, hitsMax),
          sort: [{ post_id: 'asc' }],
          version: true,
          ...(after !== null && { search_after: [after] }),
        }),
      )
      return hits.hits.map(({ _id = '', _version = 0 }) => ({ postId: _id, revision: _version }))
    },

    check: () =>
      answered(async () => void (await client.search({ ...hitsOnly, index: names.live, size: 0 }))),

    beginRebuild: () =>
      answered(async () => {
        // Before the drop, so that a rebuild which this one overtakes does not find its own name again.
        const next = await nextName(client, names)
        await dropLeft(client, names)
        await createIndex(client, options.replicas, { name: next, alias: names.building })
        return {
          // Through the alias: where another rebuild has begun, this one must not bring its index back.
          fill: (documents) =>
            answered(() => write(client, puts(documents, [names.building]), { refresh: false })),
          finish: () => answered(() => switchTo(client, names, next)),
        }
      }),

    dropLeft: () => answered(() => dropLeft(client, names)),

    async [Symbol.asyncDispose]() {
      await client.close()
    },
  }
}

/** One at a time, again after a failure and never after a success. */
function untilItWorks(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  return () => {
    running ??= work().catch((error: unknown) => {
      running = null
      throw error
    })
    return running
  }
}

type Operations = (estypes.BulkOperationContainer | object)[]

function puts(documents: readonly Document[], copies: readonly string[]): Operations[] {
  return documents.map((document) => {
    const { postId, creatorId, createdAt, revision, textContent } = document
    const fields = {
      post_id: postId,
      creator_id: creatorId,
      created_at: createdAt.getTime(),
      words: wordsOf(textContent)
        .map(({ word }) => word)
        .join(' '),
    }
    // An absent alias must not become an index.
    const version = { version: revision, version_type: 'external_gte', require_alias: true }
    return copies.flatMap((_index) => [{ index: { _index, _id: postId, ...version } }, fields])
  })
}

function removals(postIds: readonly string[], copies: readonly string[]): Operations[] {
  return postIds.map((_id) => copies.map((_index) => ({ delete: { _index, _id } })))
}

async function write(
  client: Client,
  operations: readonly Operations[],
  { refresh }: { refresh: boolean },
): Promise<void> {
  for (let from = 0; from < operations.length; from += bulkDocumentsMax) {
    const isLast = from + bulkDocumentsMax >= operations.length
    const { items } = await client.bulk({
      operations: operations.slice(from, from + bulkDocumentsMax).flat(),
      refresh: refresh && isLast,
    })
    for (const item of items) checkItem(item.index ?? item.delete)
  }
}

/** That a newer revision is there is what was promised. */
function checkItem(item: estypes.BulkResponseItem | undefined): void {
  if (!item?.error || item.status === 409) return
  const { type, reason } = item.error
  const failure = new Error(`Elasticsearch did not write ${item._id}: ${type}: ${reason}`)
  throw isRefused(item.status) ? failure : away(failure)
}

function isAway(error: unknown, kinds: typeof errors): boolean {
  if (error instanceof kinds.ResponseError) return !isRefused(error.statusCode ?? 0)
  const { ConnectionError, TimeoutError, NoLivingConnectionsError } = kinds
  return [ConnectionError, TimeoutError, NoLivingConnectionsError].some(
    (kind) => error instanceof kind,
  )
}

function isRefused(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429
}

function away(cause: unknown): Error {
  return unavailable('Elasticsearch did not answer.', cause)
}
