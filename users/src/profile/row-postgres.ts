import { profileUpdated } from '@ego/contracts/events/profile'
import { appendEvent } from '@ego/kit/events/outbox'
import type { Tx } from '@ego/kit/postgres/postgres'
import { identifier, type Part, part } from '@ego/kit/postgres/sql-text'
import { avatarUrl } from './avatar.ts'
import type { Card } from './card.ts'
import type { ProfileFields } from './fields.ts'
import type { Profile } from './profile.ts'

// Each column is named once. A field without one does not compile, so no statement can leave it out.

/** What people tell: these are written and read. */
export const fieldColumns = {
  firstName: part`first_name`,
  lastName: part`last_name`,
  gender: part`gender`,
  birthday: part`birthday`,
  bio: part`bio`,
} satisfies Record<keyof ProfileFields, Part>

/** For a statement that selects from `profile` with `withAvatar`. */
export const cardColumns = selected({
  userId: part`profile.user_id`,
  username: part`profile.username`,
  firstName: fieldColumns.firstName,
  lastName: fieldColumns.lastName,
  avatarHash: part`avatar.hash`,
} satisfies Record<keyof Card, Part>)

const profileColumns = selected({
  ...fieldColumns,
  // A date has no time zone; as text it cannot slip to the day before.
  birthday: part`birthday::text`,
  userId: part`profile.user_id`,
  username: part`profile.username`,
  avatarHash: part`avatar.hash`,
  followers: part`followers`,
  following: part`following`,
  createdAt: part`profile.created_at`,
  isHidden: part`hidden_at is not null`,
  isDisabled: part`is_disabled`,
} satisfies Record<keyof Profile, Part>)

export const withAvatar = part`
  left join avatar on avatar.user_id = profile.user_id and avatar.is_current`

export const isVisible = part`profile.hidden_at is null and not profile.is_disabled`

export async function selectProfile(tx: Tx, userId: number): Promise<Profile | null> {
  const [profile] = await tx<Profile[]>`
    select ${profileColumns}
    from profile
    ${withAvatar}
    where profile.user_id = ${userId}`
  return profile ?? null
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

/** After any change of what a card shows; the caller has locked the row of the profile. */
export async function appendUpdated(tx: Tx, card: Card, requestId: string | null): Promise<void> {
  const payload = cardPayload(card)
  await appendEvent(tx, profileUpdated, { key: String(card.userId), payload, requestId })
}

/** The rows have the names of the record, and so are what it describes. */
function selected(columns: Record<string, Part>): Part {
  return joined(
    Object.entries(columns).map(([name, column]) => part`${column} as ${identifier(name)}`),
  )
}

export function joined(parts: readonly Part[]): Part {
  return parts.reduce((list, next) => part`${list}, ${next}`)
}
