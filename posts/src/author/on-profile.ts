import type { EventPayload } from '@ego/contracts/events/definition'
import {
  profileCompleted,
  profileHidden,
  profileRestored,
  profileUpdated,
} from '@ego/contracts/events/profile'
import { type Handler, on } from '@ego/kit/events/inbox'
import type { Tx } from '@ego/kit/postgres/postgres'

const completed = ['user_id', 'first_name', 'last_name'] as const
const card = [...completed, 'avatar_url'] as const

/** Keeps the card of a writer beside the posts: its name, its picture, and whether its owner has hidden it. */
export const onProfile: Handler[] = [
  on(profileCompleted, completed, (tx, { payload }) =>
    setCard(tx, { ...payload, avatar_url: null }),
  ),
  on(profileUpdated, card, (tx, { payload }) => setCard(tx, payload)),
  on(profileHidden, ['user_id'], (tx, { payload }) => setHidden(tx, payload.user_id, true)),
  on(profileRestored, card, async (tx, { payload }) => {
    await setCard(tx, payload)
    await setHidden(tx, payload.user_id, false)
  }),
]

async function setCard(tx: Tx, author: EventPayload<typeof profileUpdated>): Promise<void> {
  await tx`
    insert into author (user_id, first_name, last_name, avatar_url)
    values (${author.user_id}, ${author.first_name}, ${author.last_name}, ${author.avatar_url})
    on conflict (user_id) do update
    set
      first_name = excluded.first_name,
      last_name = excluded.last_name,
      avatar_url = excluded.avatar_url
    where not author.is_deleted`
}

async function setHidden(tx: Tx, userId: number, isHidden: boolean): Promise<void> {
  await tx`
    update author
    set is_hidden = ${isHidden}
    where user_id = ${userId}`
}
