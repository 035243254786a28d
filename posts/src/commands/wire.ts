import type { Sql } from '@ego/kit/postgres'
import { postgresIndex } from '../search/index-postgres.ts'
import { postgresSource } from '../search/source-postgres.ts'

export function wireSearch(sql: Sql) {
  return { source: postgresSource(sql), index: postgresIndex(sql) }
}
