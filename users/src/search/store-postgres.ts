import type { Sql } from '@ego/kit/postgres/postgres'
import type { Card } from '../profile/card.ts'
import { cardColumns, isVisible, withAvatar } from '../profile/row-postgres.ts'
import type { Found, PeopleStore } from './store.ts'

/**
 * Of each of four kinds (usernames, first names and last names that begin like the query, and similar ones), so that a query
 * that fits all people costs no more than others: a thousand are ranked, and there are no pages after them.
 */
export const candidatesOfKindMax = 250
/** With fewer letters nearly everything is similar. */
const similarLettersMin = 3

export function postgresPeople(sql: Sql): PeopleStore {
  return {
    async find(query, after, limit) {
      const { score, userId } = after ?? beforeAll
      const rows = await sql<(Card & { score: number })[]>`
        with wanted as materialized (
          select folded(${query}) as text, string_to_array(folded(${query}), ' ', '') as words
        ),
        beginning as materialized (
          select user_id, username, search
          from people_beginning(${query}, ${candidatesOfKindMax})
        ),
        candidate as (
          select user_id, username, search
          from beginning
          union
          -- A query without letters and digits has no trigrams, and would be compared with all people.
          select user_id, username, search
          from people_alike(${query}, ${candidatesOfKindMax})
          where (select length(text) >= ${similarLettersMin} and show_trgm(text) <> '{}' from wanted)
            and (select count(*) from beginning) < ${candidatesOfKindMax}
        ),
        ranked as (
          select
            candidate.user_id,
            (case
              when folded(candidate.username) = wanted.text then 1
              when (
                select bool_and(strpos(' ' || candidate.search || ' ', ' ' || word || ' ') > 0)
                from unnest(wanted.words) as word
                where word is not null
              ) then 0.9
              when (
                select bool_and(strpos(' ' || candidate.search, ' ' || word) > 0)
                from unnest(wanted.words) as word
                where word is not null
              ) then 0.8
              else 0.7 * word_similarity(wanted.text, candidate.search)
            end)::real as score
          from candidate
          cross join wanted
        ),
        page as (
          select user_id, score
          from ranked
          where (score, user_id) < (${score}::real, ${userId}::bigint)
          order by score desc, user_id desc
          limit ${limit}
        )
        select ${cardColumns}, page.score
        from page
        join profile using (user_id)
        ${withAvatar}
        order by page.score desc, page.user_id desc`
      return rows.map(toFound)
    },

    async list(after, limit) {
      const rows = await sql<Card[]>`
        select ${cardColumns}
        from profile
        ${withAvatar}
        where profile.user_id < ${(after ?? beforeAll).userId}
          and ${isVisible}
        order by profile.user_id desc
        limit ${limit}`
      return rows.map((row) => toFound({ ...row, score: 0 }))
    },
  }
}

/** The first page goes on from here, so that there is one condition, and an index to start from, for every page. */
const beforeAll = { score: 2, userId: Number.MAX_SAFE_INTEGER }

function toFound({ score, ...card }: Card & { score: number }): Found {
  return { card, position: { score, userId: card.userId } }
}
