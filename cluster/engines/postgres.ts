import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../kit/postgres/embedded/start.ts'

type Options = {
  /** Keeps the data for the next start. */
  folder: string
  port: number
  /** The password of the superuser. */
  password: string
  onExit(reason: string): void
}

// Four services with ten connections each, the search pool of posts, and the sessions that listen or hold locks.
const connectionsMax = 100

/**
 * Starts the Postgres 18 of the npm packages as a server that is reached by TCP and passwords, as in a cluster. The Postgres
 * of the system is often too old for uuidv7(), which the migrations call.
 */
export function startPostgres(options: Options): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ ...options, settings: { max_connections: connectionsMax } })
}
