import { z } from '@hono/zod-openapi'

/** The card of a writer, shown beside every post. */
export type Author = {
  userId: number
  username: string
  firstName: string
  lastName: string
  avatarUrl: string | null
}

export const authorSchema = z
  .object({
    user_id: z.int(),
    username: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    avatar_url: z.string().nullable(),
  })
  .openapi('Author')

export function authorView(author: Author): z.output<typeof authorSchema> {
  return {
    user_id: author.userId,
    username: author.username,
    first_name: author.firstName,
    last_name: author.lastName,
    avatar_url: author.avatarUrl,
  }
}
