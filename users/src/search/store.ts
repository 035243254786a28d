import type { Card } from '../profile/card.ts'

/** Where a list of people goes on: after this score, and among equal scores below this id. */
export type PeoplePosition = { score: number; userId: number }

export type Found = { card: Card; position: PeoplePosition }

export type PeopleStore = {
  /**
   * Best first: an exact username, exact names, those that begin so, similar ones. Hidden people are not found. Of a query
   * that fits very many, only some are found.
   */
  find(query: string, after: PeoplePosition | null, limit: number): Promise<Found[]>
  /** Those who came last first. */
  list(after: PeoplePosition | null, limit: number): Promise<Found[]>
}
