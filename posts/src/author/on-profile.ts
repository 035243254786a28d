import {
  userDeleted,
  userDisabled,
  userEnabled,
  userRegistered,
  userRenamed,
} from '@ego/contracts/events/account'
import type { EventPayload } from '@ego/contracts/events/definition'
import {
  profileCompleted,
  profileHidden,
  profileRestored,
  profileUpdated,
} from '@ego/contracts/events/profile'
import { type Handler, on } from '@ego/kit/events/inbox'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { endErasure, eraseInBatches } from '../account/on-deleted.ts'
import { markAllStale } from '../search/source-postgres.ts'

const id = ['user_id'] as const
const named = ['user_id', 'username'] as const
const completed = ['user_id', 'first_name', 'last_name'] as const
const card = [...completed, 'avatar_url'] as const

type Deps = {
  sql: Sql
  /** The index has something to catch up with. */
  wake: () => void
}

/** Keeps the cards of writers beside their posts. Auth and users tell of them, so either may be first, or last. */
export function authorEvents({ sql, wake }: Deps): Handler[] {
  const erase = eraseInBatches({ sql, wake })
  return [
    on(userRegistered, named, (tx, { payload }) => setUsername(tx, payload)),
    on(userRenamed, named, (tx, { payload }) => setUsername(tx, payload)),
    on(profileCompleted, completed, (tx, { payload }) =>
      setCard(tx, { ...payload, avatar_url: null }),
    ),
    on(profileUpdated, card, (tx, { payload }) => setCard(tx, payload)),
    on(profileHidden, id, (tx, { payload }) => setHidden(tx, payload.user_id, true)),
    on(profileRestored, card, async (tx, { payload }) => {
      await setCard(tx, payload)
      await setHidden(tx, payload.user_id, false)
    }),
    on(userDisabled, id, (tx, { payload }) => disable(tx, payload.user_id, true)),
    on(userEnabled, id, (tx, { payload }) => disable(tx, payload.user_id, false)),
    on(
      userDeleted,
      id,
      (tx, { payload }) => endErasure(tx, payload.user_id),
      ({ payload }) => erase(payload.user_id),
    ),
  ]

  async function disable(tx: Tx, userId: number, isDisabled: boolean) {
    await tx`
      insert into author (user_id, is_disabled)
      values (${userId}, ${isDisabled})
      on conflict (user_id) do update
      set is_disabled = excluded.is_disabled
      where not author.is_deleted`
    await markAllStale(tx, userId)
    return async () => wake()
  }
}

async function setUsername(
  tx: Tx,
  { user_id, username }: EventPayload<typeof userRegistered>,
): Promise<void> {
  await tx`
    insert into author (user_id, username)
    values (${user_id}, ${username})
    on conflict (user_id) do update
    set username = excluded.username
    where not author.is_deleted`
}

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
