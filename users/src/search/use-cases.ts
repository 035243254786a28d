import type { Limiter } from '@ego/kit/async/limiter'
import { fromCursor, toCursor, toPage } from '@ego/kit/http/page'
import { z } from 'zod'
import type { PeoplePosition, PeopleSearch } from './store.ts'

export type PeopleRequest = { query: string; limit: number; cursor?: string | undefined }

type Deps = { people: PeopleSearch; limiter: Limiter }

/** Limiter: what is typed may be alike many names, and reading profiles must not wait for connections meanwhile. */
export function findPeople({ people, limiter }: Deps) {
  return async ({ query, limit, cursor }: PeopleRequest) => {
    const after = cursor === undefined ? null : toPosition(fromCursor(cursor, position))
    const wanted = query.trim()
    const found =
      wanted === ''
        ? await people.list(after, limit + 1)
        : await limiter(() => people.find(wanted, after, limit + 1))
    return toPage(found, limit, ({ position: { score, userId } }) => toCursor(`${score} ${userId}`))
  }
}

const position = z.string().regex(/^[01](\.\d{1,20})? \d{1,15}$/)

function toPosition(text: string): PeoplePosition {
  const [score, userId] = text.split(' ')
  return { score: Number(score), userId: Number(userId) }
}
