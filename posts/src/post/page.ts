import { fromCursor, toCursor, toPage } from '@ego/kit/http/page'
import { z } from '@hono/zod-openapi'
import type { Post } from './post.ts'
import { postSchema, postView } from './view.ts'

export const postPageSchema = z
  .object({ items: z.array(postSchema), next_cursor: z.string().nullable() })
  .openapi('PostPage')

type Request = { cursor?: string | undefined; limit: number }
type Wanted = { before: string | null; limit: number }

/** A page, the newest first. Its cursor names the list, for in another one it would begin somewhere else. */
export async function pageOfPosts(
  list: string,
  { cursor, limit }: Request,
  find: (wanted: Wanted) => Promise<Post[]>,
): Promise<z.output<typeof postPageSchema>> {
  const start = `${list} `
  const position = z.templateLiteral([start, z.uuid()])
  const before = cursor === undefined ? null : fromCursor(cursor, position).slice(start.length)
  const found = await find({ before, limit: limit + 1 })
  const { items, nextCursor } = toPage(found, limit, (post) => toCursor(start + post.postId))
  return { items: items.map(postView), next_cursor: nextCursor }
}
