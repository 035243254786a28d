import { on } from '@ego/kit/inbox'
import type { Tx } from '@ego/kit/postgres'
import { z } from 'zod'

const named = z.object({ user_id: z.int(), username: z.string() })
const somebody = z.object({ user_id: z.int() })
const completed = z.object({ user_id: z.int(), first_name: z.string(), last_name: z.string() })

/** Keeps author cards beside the posts. The two events come from two services, so either may be first. */
export const authorEvents = [
  on('user.registered.v1', named, (tx, { payload }) => setUsername(tx, payload)),
  on('user.renamed.v1', named, (tx, { payload }) => setUsername(tx, payload)),
  on('user.deleted.v1', somebody, async (tx, { payload }) => {
    await tx`
      delete from post
      where creator_id = ${payload.user_id}`
    await tx`
      delete from author
      where user_id = ${payload.user_id}`
  }),
  on('profile.completed.v1', completed, async (tx, { payload }) => {
    await tx`
      insert into author (user_id, first_name, last_name)
      values (${payload.user_id}, ${payload.first_name}, ${payload.last_name})
      on conflict (user_id) do update
      set first_name = excluded.first_name, last_name = excluded.last_name`
  }),
]

async function setUsername(tx: Tx, { user_id, username }: z.output<typeof named>): Promise<void> {
  await tx`
    insert into author (user_id, username)
    values (${user_id}, ${username})
    on conflict (user_id) do update set username = excluded.username`
}
