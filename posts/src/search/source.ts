import type { Document } from './index.ts'

/** What the index should show: the posts as they are, and which of them it may show otherwise. */
export type SearchSource = {
  /** Posts that may be found, in the order of their ids, after the given one. */
  list(after: string | null, limit: number): Promise<Document[]>
  /** Those that may be found, of these. */
  listByIds(postIds: readonly string[]): Promise<Document[]>

  /**
   * Hands some stale posts to `project`, the ones that have waited longest first, and forgets them once it has resolved.
   * Answers how many; 0 also while another process is at it.
   */
  takeStale(limit: number, project: (postIds: string[]) => Promise<void>): Promise<number>
  /** Whether everything that this person has written is in the index. */
  isCurrentFor(creatorId: number): Promise<boolean>
}
