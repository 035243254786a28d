import { profileUpdated } from '@ego/contracts/events/profile'
import { appendEvent } from '@ego/kit/events/outbox'
import type { Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { avatarUrl } from './avatar.ts'
import type { Card } from './card.ts'
import type { Profile } from './profile.ts'

export type CardRow = {
  user_id: number
  username: string
  first_name: string
  last_name: string
  avatar_hash: string | null
}

/** For a statement that selects from `profile` with `withAvatar`. */
export const cardColumns = part`
  profile.user_id, profile.username, profile.first_name, profile.last_name, avatar.hash as avatar_hash`

export const withAvatar = part`
  left join avatar on avatar.user_id = profile.user_id and avatar.is_current`

export const isVisible = part`profile.hidden_at is null and not profile.is_disabled`

export function toCard(row: CardRow): Card {
  return {
    userId: row.user_id,
    username: row.username,
    firstName: row.first_name,
    lastName: row.last_name,
    avatarHash: row.avatar_hash,
  }
}

type Row = CardRow & {
  gender: Profile['gender']
  birthday: string
  bio: string
  followers: number
  following: number
  created_at: Date
  is_hidden: boolean
  is_disabled: boolean
}

export async function selectProfile(tx: Tx, userId: number): Promise<Profile | null> {
  // A date has no time zone; as text it cannot slip to the day before.
  const [row] = await tx<Row[]>`
    select
      ${cardColumns}, gender, birthday::text, bio, followers, following, profile.created_at,
      hidden_at is not null as is_hidden, is_disabled
    from profile
    ${withAvatar}
    where profile.user_id = ${userId}`
  return row ? toProfile(row) : null
}

function toProfile(row: Row): Profile {
  return {
    ...toCard(row),
    gender: row.gender,
    birthday: row.birthday,
    bio: row.bio,
    followers: row.followers,
    following: row.following,
    createdAt: row.created_at,
    isHidden: row.is_hidden,
    isDisabled: row.is_disabled,
  }
}

export function cardPayload(card: Card) {
  const { userId, firstName, lastName } = card
  return {
    user_id: userId,
    first_name: firstName,
    last_name: lastName,
    avatar_url: avatarUrl(card),
  }
}

/** After any change of what a card shows; whoever calls it has locked the row of the profile. */
export async function appendUpdated(tx: Tx, card: Card, requestId: string | null): Promise<void> {
  const payload = cardPayload(card)
  await appendEvent(tx, profileUpdated, { key: String(card.userId), payload, requestId })
}
