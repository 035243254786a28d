import type { Surroundings } from '@ego/kit/commands/command'
import type { Handler } from '@ego/kit/events/inbox'
import { accountEvents } from '../account-events/handlers-postgres.ts'
import { dropCurrent } from '../avatar/store-postgres.ts'

/** What is not in the database is left to the running service, whose caches and sweeps are about a minute behind. */
export async function wireEvents({
  sql,
}: Pick<Surroundings<unknown>, 'sql'>): Promise<readonly Handler[]> {
  return accountEvents({
    sql,
    cache: { forget: async () => {} },
    async dropAvatars(tx, userId) {
      await dropCurrent(tx, userId)
      return async () => {}
    },
  })
}
