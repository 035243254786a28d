import { createHash } from 'node:crypto'
import { postCreated } from '@ego/contracts/events/post'
import { appendEvent } from '@ego/kit/events/outbox'
import type { Tx } from '@ego/kit/postgres/postgres'
import { lockLiving, lockLivingNow } from '../author/lock-postgres.ts'
import type { Post } from './post.ts'
import { type PostRow, postColumns, selectPost, toPost, withAuthor } from './row-postgres.ts'
import type { NewPost, PostStore } from './store.ts'

export type Wanted = { post: NewPost; requestId: string | null }

const keptDays = 1
/** Each new key takes away more old ones than it adds. */
const sweepBatch = 100

export async function writePost(
  tx: Tx,
  post: NewPost,
  requestId: string | null,
): Promise<Post | 'account_deleted'> {
  if (!(await lockLiving(tx, [post.creatorId]))) return 'account_deleted'
  const [written] = await insertPosts(tx, [{ post, requestId }])
  if (!written) throw new Error('A post was inserted and not returned.')
  return written
}

/** Leaves those out whose writer is unknown, erased or just being changed: they must wait, and nobody else for them. */
export async function writePosts(tx: Tx, wanted: readonly Wanted[]) {
  const living = await lockLivingNow(
    tx,
    wanted.map(({ post }) => post.creatorId),
  )
  const ours = wanted.filter(({ post }) => living.has(post.creatorId))
  const written = await insertPosts(tx, ours)
  const posts = new Map(ours.map((one, index) => [one, written[index]]))
  return (one: Wanted): Post | null => posts.get(one) ?? null
}

/** Answers them in their order, which is also the order of their ids and of their events. */
async function insertPosts(tx: Tx, wanted: readonly Wanted[]): Promise<Post[]> {
  if (wanted.length === 0) return []
  const rows = await tx<PostRow[]>`
    with wanted as materialized (
      select uuidv7() as post_id, creator_id, text_content, ordinal
      from unnest(
        ${wanted.map(({ post }) => post.creatorId)}::bigint[],
        ${wanted.map(({ post }) => post.textContent)}::text[]
      ) with ordinality as wanted (creator_id, text_content, ordinal)
    ),
    post as (
      insert into post (post_id, creator_id, text_content)
      select post_id, creator_id, text_content
      from wanted
      returning post_id, creator_id, text_content, created_at, updated_at, revision
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

type Request = { key: string; requestId: string | null }

/** What is kept of a key outlives its post for a day, so no text is in it. */
export async function writePostOnce(
  tx: Tx,
  post: NewPost,
  { key, requestId }: Request,
): ReturnType<PostStore['createOnce']> {
  const { creatorId } = post
  const [keyDigest, textDigest] = [digest(key), digest(post.textContent)]
  if (!(await isOurTurn(tx, `posts.key ${creatorId} ${keyDigest}`))) return 'key_in_use'

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

/** Nobody else is at this key until the transaction ends. */
async function isOurTurn(tx: Tx, key: string): Promise<boolean> {
  const [row] = await tx<[{ is_ours: boolean }]>`
    select pg_try_advisory_xact_lock(hashtextextended(${key}, 0)) as is_ours`
  return row.is_ours
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
