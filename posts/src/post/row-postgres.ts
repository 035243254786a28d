import type { Tx } from '@ego/kit/postgres/postgres'
import { identifier, type Part, part } from '@ego/kit/postgres/sql-text'
import type { ContentRow, Post } from './post.ts'

type OwnRow = ContentRow & {
  post_id: string
  creator_id: number
  created_at: Date
  updated_at: Date
  revision: number
}

type CardRow = {
  username: string | null
  first_name: string | null
  last_name: string | null
  avatar_url: string | null
  is_hidden: boolean | null
}

export type PostRow = OwnRow & CardRow

export const ownColumns = columnsOf<OwnRow>('post', {
  post_id: true,
  creator_id: true,
  text_content: true,
  created_at: true,
  updated_at: true,
  revision: true,
})

const cardColumns = columnsOf<CardRow>('author', {
  username: true,
  first_name: true,
  last_name: true,
  avatar_url: true,
  is_hidden: true,
})

/** The columns of a post with its author's card; wants `post` and `withAuthor`. */
export const postColumns = part`${ownColumns}, ${cardColumns}`

export const withAuthor = part`left join author on author.user_id = post.creator_id`

/** Greater than every id. */
export const newest = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

export const isShown = part`author.is_disabled is not true`

export async function selectPost(tx: Tx, postId: string): Promise<Post | null> {
  const [row] = await tx<PostRow[]>`
    select ${postColumns}
    from post
    ${withAuthor}
    where post.post_id = ${postId} and ${isShown}`
  return row ? toPost(row) : null
}

export function toPost(row: PostRow): Post {
  return {
    postId: row.post_id,
    creatorId: row.creator_id,
    textContent: row.text_content,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    revision: row.revision,
    author: toAuthor(row),
  }
}

// A card with holes would have to be handled by every client; until all events are here there is none.
function toAuthor(row: PostRow): Post['author'] {
  const { creator_id, username, first_name, last_name, avatar_url, is_hidden } = row
  if (username === null || first_name === null || last_name === null || is_hidden) return null
  return {
    userId: creator_id,
    username,
    firstName: first_name,
    lastName: last_name,
    avatarUrl: avatar_url,
  }
}

/** Names every field of a row, so that one which is not selected does not compile. */
function columnsOf<Row>(table: string, names: Record<keyof Row & string, true>): Part {
  return Object.keys(names)
    .map((name) => part`${identifier(table)}.${identifier(name)}`)
    .reduce((columns, column) => part`${columns}, ${column}`)
}
