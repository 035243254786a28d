import { join } from 'node:path'
import { type ServiceName, serviceNames } from '../../contracts/services.ts'
import type { EmbeddedPostgres } from '../../kit/postgres/embedded/start.ts'
import { createServiceDatabase } from '../../kit/postgres/service-database.ts'
import { startPostgres } from '../engines/postgres.ts'
import { newKey } from './environment.ts'
import type { OnEnd, Part } from './part.ts'

type Options = { folder: string; port: number; onEnd: OnEnd }

export type Databases = Part & {
  url(service: ServiceName, role: 'app' | 'owner'): string
  /** Connects as the superuser to the database of a service. */
  adminUrl(service: ServiceName): string
  /** Creates a database and two roles for each service. */
  createAll(): Promise<void>
}

export function postgresPart({ folder, port, onEnd }: Options): Databases {
  const password = newKey()
  const passwords = Object.fromEntries(
    serviceNames.map((name) => [name, { app: newKey(), owner: newKey() }]),
  )
  let server: EmbeddedPostgres | null = null
  const urlOf = (database: string, user: string, secret: string) =>
    `postgres://${user}:${secret}@127.0.0.1:${port}/${database}`
  const adminUrl = (database: string) => urlOf(database, 'postgres', password)
  return {
    name: 'postgres',
    address: `127.0.0.1:${port}`,
    async start() {
      const onExit = (reason: string) => {
        if (server) onEnd(reason)
      }
      server = await startPostgres({ folder: join(folder, 'postgres'), port, password, onExit })
    },
    async stop(ending) {
      const running = server
      server = null
      if (!running) return
      if (ending === 'killed') process.kill(running.pid, 'SIGKILL')
      // Sends SIGINT: after SIGTERM, Postgres waits until every client has disconnected.
      await running.stop()
    },
    url: (service, role) => urlOf(service, `${service}_${role}`, passwords[service]?.[role] ?? ''),
    adminUrl,
    async createAll() {
      for (const name of serviceNames) {
        const { owner = '', app = '' } = passwords[name] ?? {}
        await createServiceDatabase(adminUrl('postgres'), {
          name,
          ownerPassword: owner,
          appPassword: app,
        })
      }
    },
  }
}
