import type { Sql } from '@ego/kit/postgres'
import { part } from '@ego/kit/sql-text'
import { type PostRow, postColumns, toPost } from '../post/row-postgres.ts'
import type { PostIndex } from './index.ts'

export function postgresIndex(sql: Sql): PostIndex {
  return {
    async search({ words, limit, before }) {
      // UUIDv7 grows with time, so the id is the order too. websearch_to_tsquery accepts any text.
      const rows = await sql<PostRow[]>`
        select ${postColumns}
        from post
        left join author on author.user_id = post.creator_id
        where post.search @@ websearch_to_tsquery('simple', ${words})
        ${before ? part`and post.post_id < ${before}` : part``}
        order by post.post_id desc
        limit ${limit}`
      return rows.map(toPost)
    },
  }
}
