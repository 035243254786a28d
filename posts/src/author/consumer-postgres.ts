import { on } from '@ego/kit/inbox'
import { z } from 'zod'

const registered = z.object({ user_id: z.int(), username: z.string() })
const completed = z.object({ user_id: z.int(), first_name: z.string(), last_name: z.string() })

/** Keeps author cards beside the posts. The two events come from two services, so either may be first. */
export const authorEvents = [
  on('user.registered.v1', registered, async (tx, { payload }) => {
    await tx`
      insert into author (user_id, username)
      values (${payload.user_id}, ${payload.username})
      on conflict (user_id) do update set username = excluded.username`
  }),
  on('profile.completed.v1', completed, async (tx, { payload }) => {
    await tx`
      insert into author (user_id, first_name, last_name)
      values (${payload.user_id}, ${payload.first_name}, ${payload.last_name})
      on conflict (user_id) do update
      set first_name = excluded.first_name, last_name = excluded.last_name`
  }),
]
