import type { Surroundings } from '@ego/kit/commands/command'
import type { Handler } from '@ego/kit/events/inbox'
import { accountEvents } from '../account-events/handlers-postgres.ts'

/** Only the database changes here: the caches and sweeps of the running service follow within about a minute. */
export async function wireEvents({
  sql,
}: Pick<Surroundings<unknown>, 'sql'>): Promise<readonly Handler[]> {
  return accountEvents({
    sql,
    cache: { invalidate: async () => {}, invalidateAfter: (_userIds, work) => work() },
    objects: { delete: async () => {} },
  })
}
