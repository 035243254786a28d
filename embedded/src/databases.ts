import { type DatabaseRole, type ServiceName, serviceNames } from '@ego/contracts/services'
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '@ego/kit/postgres/embedded/start'
import { createServiceDatabase } from '@ego/kit/postgres/service-database'

export type Databases = AsyncDisposable & { url(service: ServiceName, role: DatabaseRole): string }

type Options = Omit<EmbeddedPostgresOptions, 'password'> & {
  password(role: DatabaseRole): string
}

/** One real Postgres in the data folder, with a database and two roles for each service. */
export async function startDatabases({ password, ...options }: Options): Promise<Databases> {
  const server = await startEmbeddedPostgres(options)
  try {
    await makeDatabases(server, password)
  } catch (error) {
    await server.stop()
    throw error
  }
  return {
    url: (service, role) => server.url(service, { user: role, password: password(role) }),
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

async function makeDatabases({ adminUrl }: EmbeddedPostgres, password: Options['password']) {
  // One after the other: at the same time they would change the same rows of the catalog, which Postgres refuses.
  for (const name of serviceNames) {
    await createServiceDatabase(adminUrl, {
      name,
      ownerPassword: password(`${name}_owner`),
      appPassword: password(`${name}_app`),
    })
  }
}
