import { createHash } from 'node:crypto'
import { postCreated } from '@ego/contracts/events/post'
import { createBatch, createLockLimiter } from '@ego/kit/async/batch'
import { appendEvent } from '@ego/kit/events/outbox'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { lockAuthors, tryLockAuthors } from '../author/lock-postgres.ts'
import type { NothingElse, Post } from './post.ts'
import {
  ownColumns,
  type PostRow,
  postColumns,
  selectPost,
  toPost,
  withAuthor,
} from './row-postgres.ts'
import type { CreateRefusal, NewPost, NewPosts } from './store.ts'

type Wanted = { post: NewPost; requestId: string | null }

const keptDays = 1
/** Each new key takes away more old ones than it adds. */
const sweepBatch = 100

export function postgresNewPosts(sql: Sql): NewPosts {
  const writeTogether = createBatch({
    many: (wanted: readonly Wanted[]) => sql.begin((tx) => writePosts(tx, wanted)),
  })
  const limiter = createLockLimiter()
  return {
    async create(post, requestId) {
      const written = await writeTogether({ post, requestId })
      return written ?? limiter(() => sql.begin((tx) => writePost(tx, post, requestId)))
    },

    createOnce: (post, key, requestId) =>
      sql.begin((tx) => writePostOnce(tx, { post, requestId }, key)),
  }
}

export async function writePost(
  tx: Tx,
  post: NewPost,
  requestId: string | null,
): Promise<Post | 'account_deleted'> {
  if (!(await lockAuthors(tx, [post.creatorId]))) return 'account_deleted'
  const [written] = await insertPosts(tx, [{ post, requestId }])
  if (!written) throw new Error('A post was inserted and not returned.')
  return written
}

/** Leaves out those whose writer is unknown, erased or just being changed: these may have to wait, and the others must not. */
async function writePosts(tx: Tx, wanted: readonly Wanted[]) {
  const creatorIds = wanted.map(({ post }) => post.creatorId)
  const locked = await tryLockAuthors(tx, creatorIds)
  const ready = wanted.filter(({ post }) => locked.has(post.creatorId))
  const written = await insertPosts(tx, ready)
  const posts = new Map(ready.map((one, index) => [one, written[index]]))
  return (one: Wanted): Post | null => posts.get(one) ?? null
}

/** Answers them in their order, which is also the order of their ids and of their events. */
async function insertPosts(tx: Tx, wanted: readonly Wanted[]): Promise<Post[]> {
  if (wanted.length === 0) return []
  const columns: { [Field in keyof NewPost]: NewPost[Field][] } = {
    creatorId: wanted.map(({ post }) => post.creatorId),
    textContent: wanted.map(({ post }) => post.textContent),
  }
  const rows = await tx<PostRow[]>`
    with wanted as materialized (
      select uuidv7() as post_id, creator_id, text_content, ordinal
      from unnest(
        ${columns.creatorId}::bigint[],
        ${columns.textContent}::text[]
      ) with ordinality as wanted (creator_id, text_content, ordinal)
    ),
    post as (
      insert into post (post_id, creator_id, text_content)
      select post_id, creator_id, text_content
      from wanted
      returning ${ownColumns}
    ),
    stale as (
      insert into search_stale (post_id, creator_id)
      select post_id, creator_id
      from wanted
    )
    select ${postColumns}
    from post
    ${withAuthor}
    join wanted using (post_id)
    order by wanted.ordinal`
  const events = rows.map((row, index) => ({
    key: String(row.creator_id),
    payload: {
      post_id: row.post_id,
      creator_id: row.creator_id,
      text_content: row.text_content,
      created_at: row.created_at.toISOString(),
    },
    requestId: wanted[index]?.requestId ?? null,
  }))
  await appendEvent(tx, postCreated, ...events)
  return rows.map(toPost)
}

/** What is kept of a key outlives its post for a day, so no text is in it. */
async function writePostOnce(
  tx: Tx,
  { post, requestId }: Wanted,
  key: string,
): Promise<{ post: Post; isReplay: boolean } | CreateRefusal> {
  const { creatorId, textContent, ...rest } = post
  // The same key with another content is another request, so all of it is in the digest.
  rest satisfies NothingElse
  const [keyDigest, textDigest] = [digest(key), digest(textContent)]
  if (!(await tryLockKey(tx, `posts.key ${creatorId} ${keyDigest}`))) return 'key_in_use'

  const [earlier] = await tx<{ post_id: string; text_digest: string }[]>`
    select post_id, text_digest
    from post_key
    where creator_id = ${creatorId} and key_digest = ${keyDigest}
      and created_at > now() - make_interval(days => ${keptDays})`
  if (earlier) {
    if (earlier.text_digest !== textDigest) return 'key_reused'
    const written = await selectPost(tx, earlier.post_id)
    return written ? { post: written, isReplay: true } : 'gone'
  }
  const written = await writePost(tx, post, requestId)
  if (written === 'account_deleted') return written
  await tx`
    insert into post_key (creator_id, key_digest, text_digest, post_id)
    values (${creatorId}, ${keyDigest}, ${textDigest}, ${written.postId})
    on conflict (creator_id, key_digest) do update
    set text_digest = excluded.text_digest, post_id = excluded.post_id, created_at = now()`
  await sweepKeys(tx)
  return { post: written, isReplay: false }
}

/** Held until the transaction ends. */
async function tryLockKey(tx: Tx, key: string): Promise<boolean> {
  const [row] = await tx<[{ is_locked: boolean }]>`
    select pg_try_advisory_xact_lock(hashtextextended(${key}, 0)) as is_locked`
  return row.is_locked
}

async function sweepKeys(tx: Tx): Promise<void> {
  await tx`
    delete from post_key
    where (creator_id, key_digest) in (
      select creator_id, key_digest
      from post_key
      where created_at < now() - make_interval(days => ${keptDays})
      order by created_at
      limit ${sweepBatch}
      for update skip locked
    )`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
