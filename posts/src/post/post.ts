import { Problem } from '@ego/kit/http/problem'
import { isPlainText } from '@ego/kit/http/text'
import { z } from '@hono/zod-openapi'
import type { Author } from '../author/author.ts'

const textCharactersMax = 5_000
// Several code points may make one character of people; this bounds what has to be counted and stored.
const textUnitsMax = textCharactersMax * 8

/** Stored exactly as sent: the length is that of the trimmed text, the text itself is not trimmed. */
const textContent = z
  .string()
  .refine(hasAllowedLength, `Use 1 to ${textCharactersMax} characters.`)
  .refine(isPlainText, 'Use text without control characters; line breaks and tabs are fine.')
  .openapi({ example: 'My test text post!' })

/**
 * What a writer sends. The types of a post, of its row, of what the store writes and of the answer all follow from this
 * schema, so that a field which one of them forgets does not compile.
 */
export const postContentSchema = z.strictObject({ text_content: textContent }).openapi('PostText')

export type ContentRow = z.output<typeof postContentSchema>
export type PostContent = {
  [Key in keyof Required<ContentRow> as CamelCase<Key>]: ContentRow[Key]
}
/** What may be left of an object once all of its fields were named. */
export type NothingElse = Record<string, never>

export type Post = PostContent & {
  postId: string
  creatorId: number
  createdAt: Date
  updatedAt: Date
  /** Counts the edits, from 1. */
  revision: number
  author: Author | null
}

type CamelCase<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Key

export function toContent({ text_content }: ContentRow): PostContent {
  return { textContent: text_content }
}

export const postIdParams = z.object({
  post_id: z
    .uuid('Use the id of a post.')
    .openapi({ example: '0199d1d2-8c6a-7e0f-9a51-3a1c9de0f0aa' }),
})

export function postNotFound(): Problem {
  return new Problem(404, 'post_not_found', 'There is no such post; it may be deleted.')
}

export function accountDeleted(): Problem {
  const text = 'This account was deleted; it cannot write any more.'
  return new Problem(401, 'account_deleted', text)
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

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
