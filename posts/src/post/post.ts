import { isPlainText } from '@ego/kit/http/text'
import { z } from '@hono/zod-openapi'
import type { Author } from '../author/author.ts'

export type Post = {
  postId: string
  creatorId: number
  textContent: string
  createdAt: Date
  updatedAt: Date
  /** Counts the edits, from 1. */
  revision: number
  author: Author | null
}

const textCharactersMax = 5_000
// Several code points may make one character of people; this bounds what has to be counted and stored.
const textUnitsMax = textCharactersMax * 8

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Stored exactly as sent: the length is that of the trimmed text, the text itself is not trimmed. */
export const textContent = z
  .string()
  .refine(hasAllowedLength, `Use 1 to ${textCharactersMax} characters.`)
  .refine(isPlainText, 'Use text without control characters; line breaks and tabs are fine.')
  .openapi({ example: 'My test text post!' })

function hasAllowedLength(text: string): boolean {
  const trimmed = text.trim()
  if (trimmed.length === 0 || text.length > textUnitsMax) return false
  if (trimmed.length <= textCharactersMax) return true
  let characters = 0
  for (const _ of graphemes.segment(trimmed)) {
    characters += 1
    if (characters > textCharactersMax) return false
  }
  return true
}
