import { z } from '@hono/zod-openapi'
import { avatarUrl } from './avatar.ts'
import type { Profile } from './profile.ts'

/** What lists show of a person. */
export type Card = Pick<Profile, 'userId' | 'username' | 'firstName' | 'lastName' | 'avatarHash'>

export const cardFields = {
  user_id: z.int(),
  username: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  avatar_url: z.string().nullable().openapi({ example: '/users/7/avatar?v=3ZkP0dJ4YcQ1vX' }),
}

export const cardSchema = z.object(cardFields).openapi('Card')

export function cardView(card: Card): z.output<typeof cardSchema> {
  return {
    user_id: card.userId,
    username: card.username,
    first_name: card.firstName,
    last_name: card.lastName,
    avatar_url: avatarUrl(card),
  }
}
