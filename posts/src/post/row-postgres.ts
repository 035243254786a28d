import { part } from '@ego/kit/sql-text'
import type { Post } from './post.ts'

export type PostRow = {
  post_id: string
  creator_id: number
  text_content: string
  created_at: Date
  updated_at: Date
  username: string | null
  first_name: string | null
  last_name: string | null
}

/** The columns of a post with its author's card; wants `post` and `left join author`. */
export const postColumns = part`
    post.post_id, post.creator_id, post.text_content, post.created_at, post.updated_at,
    author.username, author.first_name, author.last_name`

export function toPost(row: PostRow): Post {
  return {
    postId: row.post_id,
    creatorId: row.creator_id,
    textContent: row.text_content,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    author: toAuthor(row),
  }
}

// A card with holes would have to be handled by every client; until both events are here there is none.
function toAuthor({ creator_id, username, first_name, last_name }: PostRow): Post['author'] {
  if (username === null || first_name === null || last_name === null) return null
  return { userId: creator_id, username, firstName: first_name, lastName: last_name }
}
