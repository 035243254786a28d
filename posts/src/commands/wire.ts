import type { Surroundings } from '@ego/kit/commands/command'
import type { Handler } from '@ego/kit/events/inbox'
import type { IndexConfig } from '../config.ts'
import { postgresSource } from '../search/source-postgres.ts'
import { consumedEvents, openIndex } from '../wire.ts'

type Given = Pick<Surroundings<IndexConfig>, 'sql' | 'databaseUrl' | 'config'>

/** The index that the service uses, by the same variables. */
export async function wireSearch({ sql, databaseUrl, config }: Given) {
  const resources = new AsyncDisposableStack()
  return {
    source: postgresSource(sql),
    index: await openIndex(config, databaseUrl, resources),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export async function wireEvents({ sql }: Pick<Given, 'sql'>): Promise<readonly Handler[]> {
  // The projector of the running service looks for stale posts by itself, once a minute.
  return consumedEvents({ sql, wakeIndex: () => {} })
}
