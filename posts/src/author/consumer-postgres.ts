import { type Handler, on } from '@ego/kit/events/inbox'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { z } from 'zod'
import { markAllStale } from '../search/source-postgres.ts'
import { endErasure, eraseInBatches } from './erase-postgres.ts'

const somebody = z.object({ user_id: z.int() })
const named = z.object({ user_id: z.int(), username: z.string() })
const completed = z.object({ user_id: z.int(), first_name: z.string(), last_name: z.string() })
const card = completed.extend({ avatar_url: z.string().nullable() })

type Deps = {
  sql: Sql
  /** The index has something to catch up with. */
  wake: () => void
}

/** Keeps the cards of writers beside their posts. Auth and users tell of them, so either may be first, or last. */
export function authorEvents({ sql, wake }: Deps): Handler[] {
  const erase = eraseInBatches({ sql, wake })
  return [
    on('user.registered.v1', named, (tx, { payload }) => setUsername(tx, payload)),
    on('user.renamed.v1', named, (tx, { payload }) => setUsername(tx, payload)),
    on('profile.completed.v1', completed, (tx, { payload }) =>
      setCard(tx, { ...payload, avatar_url: null }),
    ),
    on('profile.updated.v1', card, (tx, { payload }) => setCard(tx, payload)),
    on('profile.hidden.v1', somebody, (tx, { payload }) => setHidden(tx, payload.user_id, true)),
    on('profile.restored.v1', card, async (tx, { payload }) => {
      await setCard(tx, payload)
      await setHidden(tx, payload.user_id, false)
    }),
    on('user.disabled.v1', somebody, (tx, { payload }) => disable(tx, payload.user_id, true)),
    on('user.enabled.v1', somebody, (tx, { payload }) => disable(tx, payload.user_id, false)),
    on(
      'user.deleted.v1',
      somebody,
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

async function setUsername(tx: Tx, { user_id, username }: z.output<typeof named>): Promise<void> {
  await tx`
    insert into author (user_id, username)
    values (${user_id}, ${username})
    on conflict (user_id) do update
    set username = excluded.username
    where not author.is_deleted`
}

async function setCard(tx: Tx, author: z.output<typeof card>): Promise<void> {
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
