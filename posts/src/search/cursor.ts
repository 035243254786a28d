import { Problem } from '@ego/kit/problem'
import { z } from 'zod'

/** A cursor is the last id of the page, wrapped so that nobody builds on what is inside. */
export function toCursor(postId: string): string {
  return Buffer.from(postId.replaceAll('-', ''), 'hex').toString('base64url')
}

export function fromCursor(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex')
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  if (z.uuid().safeParse(id).success && toCursor(id) === cursor) return id
  const errors = [
    { pointer: '#/cursor', message: 'Send next_cursor of the page before, unchanged.' },
  ]
  throw new Problem(422, 'validation_failed', 'The cursor is not one of this list.', { errors })
}
