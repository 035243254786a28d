import { z } from 'zod'
import { Problem } from './problem.ts'

const limitMax = 100
const limitDefault = 20

/** The query parameters of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(limitMax).default(limitDefault),
  cursor: z.string().max(500).optional(),
}

export type Page<T> = { items: T[]; nextCursor: string | null }

/** `found` must hold one item more than `limit` when there is a next page. */
export function toPage<T>(found: readonly T[], limit: number, cursorOf: (last: T) => string) {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: last && found.length > limit ? cursorOf(last) : null }
}

/** A cursor is the position of the last item, encoded so that clients treat it as opaque. */
export function toCursor(position: string): string {
  return Buffer.from(position).toString('base64url')
}

/** Throws a 422 Problem when the text is not a cursor with such a position. */
export function fromCursor<S extends z.ZodType>(cursor: string, position: S): z.output<S> {
  const parsed = position.safeParse(Buffer.from(cursor, 'base64url').toString())
  if (parsed.success && toCursor(String(parsed.data)) === cursor) return parsed.data
  throw new Problem(422, 'validation_failed', 'The cursor is not one of this list.', {
    errors: [{ pointer: '#/cursor', message: 'Send next_cursor of the page before, unchanged.' }],
  })
}
