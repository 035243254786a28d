import { appendEvent } from '@ego/kit/outbox'
import type { Sql } from '@ego/kit/postgres'
import { postCreated } from './events.ts'
import { type PostRow, postColumns, toPost } from './row-postgres.ts'
import type { PostStore } from './store.ts'

export function postgresPosts(sql: Sql): PostStore {
  return {
    create: (post, requestId) =>
      sql.begin(async (tx) => {
        const [row] = await tx<[PostRow]>`
          with post as (
            insert into post (creator_id, text_content)
            values (${post.creatorId}, ${post.textContent})
            returning post_id, creator_id, text_content, created_at, updated_at
          )
          select ${postColumns}
          from post
          left join author on author.user_id = post.creator_id`
        const created = toPost(row)
        await appendEvent(tx, postCreated, {
          key: String(created.creatorId),
          payload: {
            post_id: created.postId,
            creator_id: created.creatorId,
            text_content: created.textContent,
            created_at: created.createdAt.toISOString(),
          },
          requestId,
        })
        return created
      }),
  }
}
