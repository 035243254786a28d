import type { Surroundings } from '@ego/kit/command'
import type { IndexConfig } from '../config.ts'
import { postgresSource } from '../search/source-postgres.ts'
import { openIndex } from '../wire.ts'

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
