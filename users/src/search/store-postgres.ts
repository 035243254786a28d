import type { Sql } from '@ego/kit/postgres'
import {
  type CardRow,
  cardColumns,
  isVisible,
  toCard,
  withAvatar,
} from '../profile/row-postgres.ts'
import type { PeopleSearch } from './store.ts'

export function postgresPeople(sql: Sql): PeopleSearch {
  return {
    async find(query, after, limit) {
      const rows = await sql<(CardRow & { score: number })[]>`
        select ${cardColumns}, found.score
        from people_like(${query}) as found
        join profile using (user_id)
        ${withAvatar}
        where ${after === null}
          or (found.score, found.user_id) < (${after?.score ?? 0}::real, ${after?.userId ?? 0})
        order by found.score desc, found.user_id desc
        limit ${limit}`
      return rows.map(toFound)
    },

    async list(after, limit) {
      const rows = await sql<CardRow[]>`
        select ${cardColumns}
        from profile
        ${withAvatar}
        where (${after === null} or profile.user_id < ${after?.userId ?? 0})
          and ${isVisible}
        order by profile.user_id desc
        limit ${limit}`
      return rows.map((row) => toFound({ ...row, score: 0 }))
    },
  }
}

function toFound(row: CardRow & { score: number }) {
  return { card: toCard(row), position: { score: row.score, userId: row.user_id } }
}
