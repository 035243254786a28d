import type { Sql } from '@ego/kit/postgres/postgres'
import {
  isShown,
  newest,
  type PostRow,
  postColumns,
  toPost,
  withAuthor,
} from '../post/row-postgres.ts'
import type { FeedStore } from './store.ts'

export function postgresFeed(sql: Sql): FeedStore {
  return {
    async list({ userId, before, limit }) {
      // The newest few of each writer are at hand by the index, and no page needs more of one: the cost grows with how
      // many are followed, not with how much they have written. Who is shown is asked once a writer, not once a post.
      const rows = await sql<PostRow[]>`
        with writer as materialized (
          select followed.user_id
          from (
            select ${userId}::bigint as user_id
            union all
            select followed_id
            from follow
            where follower_id = ${userId}
          ) as followed
          left join author using (user_id)
          where ${isShown}
        ),
        page as (
          select latest.post_id
          from writer
          cross join lateral (
            select post.post_id
            from post
            where post.creator_id = writer.user_id and post.post_id < ${before ?? newest}::uuid
            order by post.post_id desc
            limit ${limit}
          ) as latest
          order by latest.post_id desc
          limit ${limit}
        )
        select ${postColumns}
        from page
        join post using (post_id)
        ${withAuthor}
        order by post.post_id desc`
      return rows.map(toPost)
    },
  }
}
