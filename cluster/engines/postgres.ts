import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../kit/postgres/embedded/start.ts'

type Options = {
  /** Its data stay here, for the next start. */
  folder: string
  port: number
  /** The superuser's. */
  password: string
  onExit(reason: string): void
}

// Four services with ten connections each, the searches of posts, and who listens or leads besides them.
const connectionsMax = 100

/**
 * The Postgres 18 of the npm packages as a server of its own, reached by TCP and passwords as in a cluster. Not the one of
 * the system: our migrations call uuidv7(), which is younger than most of those.
 */
export function startPostgres(options: Options): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ ...options, settings: { max_connections: connectionsMax } })
}
