import type { Sql } from '@ego/kit/postgres'
import type { IndexConfig } from '../config.ts'
import { postgresSource } from '../search/source-postgres.ts'
import { openIndex } from '../wire.ts'

/** The index that the service uses, by the same variables. */
export async function wireSearch(sql: Sql, config: IndexConfig) {
  const resources = new AsyncDisposableStack()
  return {
    source: postgresSource(sql),
    index: await openIndex(config, sql, resources),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
