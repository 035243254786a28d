import { createHash } from 'node:crypto'
import { appendEvent } from '@ego/kit/outbox'
import type { Tx } from '@ego/kit/postgres'
import { lockLiving } from '../author/lock-postgres.ts'
import { postCreated } from './events.ts'
import type { Post } from './post.ts'
import { type PostRow, postColumns, selectPost, toPost, withAuthor } from './row-postgres.ts'
import type { NewPost, PostStore } from './store.ts'

const keptDays = 1
/** Each new key takes away more old ones than it adds. */
const sweepBatch = 100

export async function writePost(
  tx: Tx,
  { creatorId, textContent }: NewPost,
  requestId: string | null,
): Promise<Post | 'account_deleted'> {
  if (!(await lockLiving(tx, [creatorId]))) return 'account_deleted'
  const [row] = await tx<[PostRow]>`
    with post as (
      insert into post (creator_id, text_content)
      values (${creatorId}, ${textContent})
      returning post_id, creator_id, text_content, created_at, updated_at, revision
    ),
    stale as (
      insert into search_stale (post_id, creator_id)
      select post_id, creator_id
      from post
    )
    select ${postColumns}
    from post
    ${withAuthor}`
  const payload = {
    post_id: row.post_id,
    creator_id: creatorId,
    text_content: textContent,
    created_at: row.created_at.toISOString(),
  }
  await appendEvent(tx, postCreated, { key: String(creatorId), payload, requestId })
  return toPost(row)
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
