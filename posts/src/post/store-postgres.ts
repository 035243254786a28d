import { postDeleted, postEdited } from '@ego/contracts/events/post'
import { appendEvent } from '@ego/kit/events/outbox'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { type Part, part } from '@ego/kit/postgres/sql-text'
import type { NothingElse, Post } from './post.ts'
import {
  isShown,
  newest,
  ownColumns,
  type PostRow,
  postColumns,
  selectPost,
  toPost,
  withAuthor,
} from './row-postgres.ts'
import { markStale } from './stale-postgres.ts'
import type { ChangeRefusal, PostChange, PostStore } from './store.ts'

export function postgresPosts(sql: Sql): PostStore {
  return {
    find: (postId) => selectPost(sql, postId),

    async list({ creatorId, before, limit }) {
      // Who is shown is asked once, not once a post; cards are for those of the page.
      const rows = await sql<PostRow[]>`
        select ${postColumns}
        from (
          select ${ownColumns}
          from post
          where ${creatorId === null ? ofShownWriters : ofWriterIfShown(creatorId)}
            and post_id < ${before ?? newest}::uuid
          order by post_id desc
          limit ${limit}
        ) as post
        ${withAuthor}
        order by post.post_id desc`
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

    edit: (change, { textContent, ...rest }, requestId) =>
      sql.begin(async (tx) => {
        rest satisfies NothingElse
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

// The subquery does not depend on the post, so it is run once and kept as a hash table.
const ofShownWriters = part`
  creator_id not in (
    select user_id
    from author
    where is_disabled
  )`

function ofWriterIfShown(creatorId: number): Part {
  return part`
    creator_id = ${creatorId}
    and not exists (
      select 1
      from author
      where user_id = ${creatorId} and is_disabled
    )`
}

/** Only the writer's own post is locked, so that no other member can make the writer wait. */
async function lockPost(tx: Tx, change: PostChange): Promise<Post | ChangeRefusal> {
  await tx`
    select 1
    from post
    where post_id = ${change.postId} and creator_id = ${change.creatorId}
    for update`
  const post = await selectPost(tx, change.postId)
  if (!post) return 'not_found'
  if (post.creatorId !== change.creatorId) return 'not_yours'
  if (change.revisions && !change.revisions.includes(post.revision)) return 'changed'
  return post
}
