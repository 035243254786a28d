import list from './services.json' with { type: 'json' }

export type ServiceName = keyof typeof list

/** The gateway leads to it; a service without a route is reached inside the network alone. */
type Service = { port: number; isRouted: boolean }

/**
 * Every service of ours. Its name is its host in a network, its database, the start of its roles and its place among the
 * consumers of events. The list is JSON because `cluster/secrets.mjs` reads it on machines that run no TypeScript.
 */
export const services: Readonly<Record<ServiceName, Service>> = list

export const serviceNames = Object.keys(services) as readonly ServiceName[]

export const routedServices = serviceNames.filter((name) => services[name].isRouted)

/** Where the network finds it; apisix.yaml names its nodes so. */
export function nodeOf(name: ServiceName): string {
  return `${name}:${services[name].port}`
}

/** Two roles for each database: one owns the tables, the other one reads and writes rows. */
export type DatabaseRole = `${ServiceName}_${'owner' | 'app'}`

export const databaseRoles = serviceNames.flatMap((name): DatabaseRole[] => [
  `${name}_owner`,
  `${name}_app`,
])
