import { appendEvent } from '@ego/kit/outbox'
import type { Sql, Tx } from '@ego/kit/postgres'
import { part } from '@ego/kit/sql-text'
import { postCreated, postDeleted, postEdited } from './events.ts'
import type { Post } from './post.ts'
import { isShown, type PostRow, postColumns, toPost, withAuthor } from './row-postgres.ts'
import type { ChangeRefusal, PostChange, PostStore } from './store.ts'

export function postgresPosts(sql: Sql): PostStore {
  return {
    async newId() {
      const [row] = await sql<[{ post_id: string }]>`select uuidv7() as post_id`
      return row.post_id
    },

    create: ({ creatorId, textContent, postId = null }, requestId) =>
      sql.begin(async (tx) => {
        const [row] = await tx<PostRow[]>`
          with writer as materialized (
            select is_deleted
            from author
            where user_id = ${creatorId}
            for key share
          ),
          post as (
            insert into post (post_id, creator_id, text_content)
            select coalesce(${postId}::uuid, uuidv7()), ${creatorId}, ${textContent}
            where not exists (select 1 from writer where is_deleted)
            on conflict (post_id) do nothing
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
        if (!row) return postId === null ? null : selectPost(tx, postId)
        const payload = {
          post_id: row.post_id,
          creator_id: creatorId,
          text_content: textContent,
          created_at: row.created_at.toISOString(),
        }
        await appendEvent(tx, postCreated, { key: String(creatorId), payload, requestId })
        return toPost(row)
      }),

    find: (postId) => selectPost(sql, postId),

    async list({ creatorId, before, limit }) {
      const rows = await sql<PostRow[]>`
        select ${postColumns}
        from post
        ${withAuthor}
        where ${isShown}
          ${creatorId === null ? part`` : part`and post.creator_id = ${creatorId}`}
          ${before === null ? part`` : part`and post.post_id < ${before}`}
        order by post.post_id desc
        limit ${limit}`
      return rows.map(toPost)
    },

    async listByIds(postIds) {
      const rows = await sql<PostRow[]>`
        select ${postColumns}
        from unnest(${[...postIds]}::uuid[]) with ordinality as wanted (post_id, ordinal)
        join post using (post_id)
        ${withAuthor}
        where ${isShown}
        order by wanted.ordinal`
      return rows.map(toPost)
    },

    edit: (change, textContent, requestId) =>
      sql.begin(async (tx) => {
        const found = await lockPost(tx, change)
        if (typeof found === 'string') return found
        if (found.textContent === textContent) return found
        await tx`
          update post
          set text_content = ${textContent}, revision = revision + 1, updated_at = now()
          where post_id = ${change.postId}`
        await markStale(tx, change)
        const edited = await selectPost(tx, change.postId)
        if (!edited) return 'not_found'
        const payload = {
          post_id: edited.postId,
          creator_id: edited.creatorId,
          text_content: textContent,
          updated_at: edited.updatedAt.toISOString(),
        }
        await appendEvent(tx, postEdited, { key: String(edited.creatorId), payload, requestId })
        return edited
      }),

    delete: (change, requestId) =>
      sql.begin(async (tx) => {
        const found = await lockPost(tx, change)
        if (typeof found === 'string') return found
        await tx`
          delete from post
          where post_id = ${change.postId}`
        await markStale(tx, change)
        const payload = { post_id: change.postId, creator_id: change.creatorId }
        await appendEvent(tx, postDeleted, { key: String(change.creatorId), payload, requestId })
        return 'deleted'
      }),
  }
}

async function selectPost(tx: Tx, postId: string): Promise<Post | null> {
  const [row] = await tx<PostRow[]>`
    select ${postColumns}
    from post
    ${withAuthor}
    where post.post_id = ${postId} and ${isShown}`
  return row ? toPost(row) : null
}

async function lockPost(tx: Tx, change: PostChange): Promise<Post | ChangeRefusal> {
  await tx`
    select 1
    from post
    where post_id = ${change.postId}
    for update`
  const post = await selectPost(tx, change.postId)
  if (!post) return 'not_found'
  if (post.creatorId !== change.creatorId) return 'not_yours'
  if (change.revision !== null && change.revision !== post.revision) return 'changed'
  return post
}

async function markStale(tx: Tx, { postId, creatorId }: PostChange): Promise<void> {
  await tx`
    insert into search_stale (post_id, creator_id)
    values (${postId}, ${creatorId})`
}
