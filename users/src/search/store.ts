import type { Card } from '../profile/card.ts'

/** Where a list of people goes on: after this score, and among equal scores below this id. */
export type PeoplePosition = { score: number; userId: number }

export type Found = { card: Card; position: PeoplePosition }

export type PeopleSearch = {
  /** Best first; hidden people are not found. A query without a letter or digit finds nobody. */
  find(query: string, after: PeoplePosition | null, limit: number): Promise<Found[]>
  /** Those who came last first. */
  list(after: PeoplePosition | null, limit: number): Promise<Found[]>
}
