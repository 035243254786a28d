import list from './services.json' with { type: 'json' }

export type ServiceName = keyof typeof list

/** `isRouted` services are reachable through the gateway, others only inside the network. */
type Service = { port: number; isRouted: boolean }

/**
 * Every service. Its name is also its host name, its database, the prefix of its database roles and its name as a consumer of
 * events. The list is JSON because `cluster/secrets.mjs` reads it with a Node that may not run TypeScript.
 */
export const services: Readonly<Record<ServiceName, Service>> = list

export const serviceNames = Object.keys(services) as readonly ServiceName[]

export function eachService<T>(
  make: (name: ServiceName, index: number) => T,
): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((name, index) => [name, make(name, index)])) as Record<
    ServiceName,
    T
  >
}

export const routedServices = serviceNames.filter((name) => services[name].isRouted)

/** The network address of a service, as apisix.yaml writes it. */
export function nodeOf(name: ServiceName): string {
  return `${name}:${services[name].port}`
}

/** The variable of apisix.yaml that names the host of a service. */
export function hostVariable(name: ServiceName) {
  return `EGO_${name.toUpperCase()}_HOST` as `EGO_${Uppercase<ServiceName>}_HOST`
}

/** Each database has two roles: the owner of the tables, and one that can only read and write rows. */
export type DatabaseRole = `${ServiceName}_${'owner' | 'app'}`

export const databaseRoles = serviceNames.flatMap((name): DatabaseRole[] => [
  `${name}_owner`,
  `${name}_app`,
])
