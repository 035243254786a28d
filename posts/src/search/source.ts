import type { Document } from './search-index.ts'

/** What the index should show: the posts as they are, and which of them it may show otherwise. */
export type SearchSource = {
  /** Posts that may be found, in the order of their ids, after the given one. */
  list(after: string | null, limit: number): Promise<Document[]>
  /** Those that may be found, of these. */
  listByIds(postIds: readonly string[]): Promise<Document[]>
  /** The ids of those that may be found, of these. */
  listPresent(postIds: readonly string[]): Promise<string[]>
  /** The ids of those that have changed and are not projected yet, of these. */
  listStale(postIds: readonly string[]): Promise<string[]>
  /** How many there are of those, counted up to 10,000. */
  countStale(): Promise<number>

  /**
   * Hands some stale posts to `project`, the ones that have waited longest first, and forgets them once it has resolved;
   * also when there are none. Answers how many; `null`, without a call, while another process does this. For one creator it
   * waits some seconds for the other process.
   */
  takeStale(which: Which, project: (postIds: string[]) => Promise<void>): Promise<number | null>
  /** Waits for `takeStale` to end wherever it runs, and keeps it from running meanwhile. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** Whether everything that this creator has written is in the index. */
  isCurrentFor(creatorId: number): Promise<boolean>

  /** Held until it is disposed, or the process or its connection ends; `null` while another process rebuilds. */
  lockRebuild(): Promise<AsyncDisposable | null>
}

export type Which = { limit: number; creatorId?: number }
