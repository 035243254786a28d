import { fromCursor, type Page, toCursor, toPage } from '@ego/kit/http/page'
import { z } from 'zod'
import type { Post } from './post.ts'

export type PageRequest = { cursor?: string | undefined; limit: number }

type Wanted = { before: string | null; limit: number }

/** A page, the newest first. Its cursor names the list, for in another one it would begin somewhere else. */
export async function pageOfPosts(
  list: string,
  { cursor, limit }: PageRequest,
  find: (wanted: Wanted) => Promise<Post[]>,
): Promise<Page<Post>> {
  const start = `${list} `
  const position = z.templateLiteral([start, z.uuid()])
  const before = cursor === undefined ? null : fromCursor(cursor, position).slice(start.length)
  const found = await find({ before, limit: limit + 1 })
  return toPage(found, limit, (post) => toCursor(start + post.postId))
}
