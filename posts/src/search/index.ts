import type { Post } from '../post/post.ts'

export type Search = { words: string; limit: number; before: string | null }

export type PostIndex = {
  /**
   * Posts that have every word, newest first, at most `limit`, and only those older than the post `before`. Any text is a
   * valid search; one without words finds nothing. A post is found as soon as it is written.
   */
  search(search: Search): Promise<Post[]>
}
