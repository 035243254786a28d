import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { nodeOf, routedServices, serviceNames } from '../../contracts/services.ts'
import {
  type Container,
  compose,
  containers,
  filled,
  isJob,
  isThere,
  root,
  secretsOf,
  sourcesIn,
  text,
} from './compose.ts'

const configs = new Map<string, ConfigFile>()
for (const name of serviceNames) {
  configs.set(name, await import(`../../${name}/src/config.ts`))
}
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
const services = serviceNames.map((name) => [name, containerOf(name)] as const)

type ConfigFile = {
  configSchema: { shape: object }
  loadConfig(environment: Record<string, string>): object
}

let cluster = ''

beforeAll(() => {
  cluster = mkdtempSync(join(tmpdir(), 'ego compose '))
  execFileSync(process.execPath, [join(root, 'cluster/secrets.mjs'), cluster])
})
afterAll(() => rmSync(cluster, { recursive: true, force: true }))

function containerOf(name: string): Container {
  const container = compose.services[name]
  if (!container) throw new Error(`docker-compose.yml has no ${name}.`)
  return container
}

test.each(services)('%s starts with exactly the variables of its container', (name, container) => {
  const environment = Object.entries(container.environment).flatMap(([variable, value]) =>
    value === null ? [] : [[variable, pathHere(container, filled(String(value)))]],
  )
  expect(configs.get(name)?.loadConfig(Object.fromEntries(environment))).toMatchObject({
    PORT: container.environment.PORT,
  })
})

test.each(services)('%s reads every variable of its container', (name, { environment }) => {
  const known = Object.keys(configs.get(name)?.configSchema.shape ?? {})
  const given = Object.keys(environment).map((variable) => variable.replace(/_FILE$/, ''))
  expect(given.filter((variable) => !known.includes(variable))).toEqual([])
})

test.each(services)(
  '%s has limits, no capabilities and a read-only file system',
  (_, container) => {
    expect(container).toMatchObject({
      read_only: true,
      init: true,
      cap_drop: ['ALL'],
      build: { target: 'service' },
    })
    expect(container.pids_limit).toBeGreaterThan(0)
    expect(Number.parseInt(container.stop_grace_period, 10)).toBeGreaterThan(10)
    // The Dockerfile has the health check of the services.
    expect(dockerfile).toMatch(/^HEALTHCHECK .*\n.*\/readyz/m)
    expect(dockerfile).toMatch(/^USER node$/m)
  },
)

test.each(containers)('%s has limits and a health check', (name, container) => {
  expect(container.mem_limit).toMatch(/^\d+[mg]$/)
  expect(container.security_opt).toEqual(['no-new-privileges:true'])
  const isOurs = container.build?.target === 'service'
  if (!isOurs && !isJob(container)) expect(container.healthcheck?.test).toBeDefined()
  if (!container.build) expect(container.image).toMatch(/:[^:]*\d+\.\d+|:RELEASE\.\d{4}-/)
  for (const needed of Object.keys(container.depends_on)) {
    const { condition } = container.depends_on[needed] ?? {}
    const isEnding = isJob(containerOf(needed))
    expect(condition, `${name} needs ${needed}`).toBe(
      isEnding ? 'service_completed_successfully' : 'service_healthy',
    )
  }
})

test.each(containers)(
  '%s publishes on 127.0.0.1 only, from a network that allows it',
  (_, container) => {
    const addresses = container.ports.map((port) => filled(port))
    expect(addresses.filter((address) => !/^127\.0\.0\.1:\d+:\d+$/.test(address))).toEqual([])
    const isInside = container.networks.every((name) => compose.networks[name]?.internal)
    if (container.ports.length > 0) expect(isInside).toBe(false)
  },
)

test('only the gateway and the consoles are published', () => {
  const published = containers.filter(([, { ports }]) => ports.length > 0).map(([name]) => name)
  expect(published).toEqual(['apisix', 'rabbitmq', 'kibana', 'minio', 'mailpit', 'grafana'])
})

test('a container that needs nothing from outside cannot reach the outside', () => {
  const inside = Object.entries(compose.networks).filter(([, network]) => network?.internal)
  expect(inside.map(([name]) => name)).toEqual(['services', 'database', 'cache'])
})

test('an engine is reachable only by its users', () => {
  const near = (name: string) => {
    const networks = containerOf(name).networks
    const others = containers.filter(([, other]) =>
      other.networks.some((n) => networks.includes(n)),
    )
    return others.map(([other]) => other).filter((other) => other !== name)
  }
  expect(near('postgres')).toEqual([...serviceNames, 'databases'])
  expect(near('redis')).toEqual(serviceNames)
  expect(near('minio')).toEqual(['users', 'bucket', 'prometheus'])
  expect(near('elasticsearch')).toEqual(['posts', 'search-logins', 'kibana', 'kibana-views'])
  expect(near('mailpit')).toEqual(['mail'])
  expect(near('apisix')).toEqual([...routedServices, 'prometheus'])
})

test('the file contains no secret, and each secret that it uses is generated', () => {
  const suspects = containers.flatMap(([, { environment }]) =>
    Object.entries(environment).filter(
      ([name, value]) =>
        (/(PASSWORD|PASS|SECRET|TOKEN|_KEY|AUTH)$/.test(name) && value !== null) ||
        /:\/\/[^/@\s]*:[^/@\s]*@/.test(String(value)),
    ),
  )
  expect(suspects).toEqual([])
  expect(text).not.toMatch(/requirepass|--requirepass|--password[= ]/)
  const made = execFileSync('ls', [join(cluster, 'secrets')], { encoding: 'utf8' }).split('\n')
  // cluster/cluster.sh creates the certificate.
  made.push('tls.crt', 'tls.key')
  for (const [name, { file }] of Object.entries(compose.secrets)) {
    expect(made, name).toContain(filled(file).replace('.cluster/secrets/', ''))
  }
  for (const broker of ['rabbitmq', 'kafka']) expect(made).toContain(`events-${broker}-url`)
})

test('no program gets a secret as an argument, which every user of the machine can read', () => {
  expect(readFileSync(join(root, 'cluster/minio/bucket.sh'), 'utf8')).not.toMatch(/^mc .*password/m)
  // The image of Kibana turns the variables that it knows into arguments.
  const [, , start = ''] = containerOf('kibana').entrypoint ?? []
  const passed = [...start.matchAll(/(\w+)="\$\$\(cat/g)].map(([, name = '']) => name)
  expect(passed.filter((name) => !name.startsWith('EGO_'))).toEqual([])
  const settings = readFileSync(join(root, 'cluster/kibana/kibana.yml'), 'utf8')
  const read = [...settings.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name)
  expect([...new Set(read)]).toEqual(passed)
})

test.each(services)('%s is recreated when another broker is chosen', (_, container) => {
  // Compose compares only the names of secrets, and another broker changes only their files.
  expect(container.labels['ego.events']).toMatch(/^\$\{EGO_EVENTS:-rabbitmq\}$/)
  expect(compose.secrets['events-url']?.file).toMatch(/events-\$\{EGO_EVENTS:-rabbitmq\}-url$/)
})

test('Redis syncs every write to disk and evicts only keys that expire', () => {
  const settings = readFileSync(join(root, 'cluster/redis/redis.conf'), 'utf8')
  expect(settings).toMatch(/^appendonly yes$/m)
  expect(settings).toMatch(/^appendfsync always$/m)
  expect(settings).toMatch(/^maxmemory-policy volatile-/m)
})

test.each(containers)('%s mounts the files that its settings name', (_, container) => {
  const paths = [...secretsOf(container).keys()]
  const asked = JSON.stringify([container.environment, container]).match(/\/run\/secrets\/[\w.-]+/g)
  expect((asked ?? []).filter((path) => !paths.includes(path))).toEqual([])
  const declared = [...secretsOf(container).values()]
  expect(declared.filter((secret) => !compose.secrets[secret])).toEqual([])
  const mounted = container.volumes.filter((volume) => volume.startsWith('./'))
  expect(mounted.filter((volume) => !isThere(volume.split(':')[0] ?? ''))).toEqual([])
  expect(mounted.filter((volume) => !volume.endsWith(':ro'))).toEqual([])
  const named = container.volumes.filter((volume) => !volume.startsWith('./'))
  expect(named.filter((volume) => !((volume.split(':')[0] ?? '') in compose.volumes))).toEqual([])
})

test('the Dockerfile copies folders that exist', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths = '']) =>
    paths.split(' '),
  )
  expect(copied.length).toBeGreaterThan(5)
  const names = serviceNames.flatMap((name) =>
    copied.map((path) => path.replace(/\$\{SERVICE\}/, name)),
  )
  expect(names.filter((path) => !isThere(path))).toEqual([])
  const programs = containers.flatMap(([, { build, command }]) =>
    build?.target === 'job' ? [`cluster/${command?.[1]}`] : [],
  )
  expect(programs.length).toBe(3)
  expect(programs.filter((path) => !isThere(path))).toEqual([])
})

test('gateway, services and Prometheus agree on ports', () => {
  const nodes = Object.entries(compose.services).map(
    ([name, { environment }]) => `${name}:${environment.PORT}`,
  )
  expect(nodes).toEqual(expect.arrayContaining(routedServices.map(nodeOf)))
  const file = readFileSync(join(root, 'cluster/prometheus/prometheus.yml'), 'utf8')
  const jobs: { job_name: string; file_sd_configs: { files: string[] }[] }[] =
    parse(file).scrape_configs
  const [path = ''] =
    jobs.find(({ job_name }) => job_name === 'ego')?.file_sd_configs[0]?.files ?? []
  const targets = readFileSync(pathHere(containerOf('prometheus'), path), 'utf8')
  expect(JSON.parse(targets)).toEqual([{ targets: serviceNames.map(nodeOf) }])
  for (const name of serviceNames) expect(nodes).toContain(nodeOf(name))
})

test('the dashboard asks for metrics that exist', () => {
  const dashboard = readFileSync(join(root, 'cluster/grafana/dashboards/ego.json'), 'utf8')
  const asked = [...dashboard.matchAll(/\b((?:http|outbox|search|mail|dead)_[a-z_]+)/g)]
  const names = new Set(asked.map(([, name = '']) => name.replace(/_bucket$/, '')))
  const sources = ['kit', 'posts/src', 'mail/src'].map(sourcesIn).join('\n')
  expect(names.size).toBeGreaterThan(5)
  expect([...names].filter((name) => !sources.includes(`'${name}'`))).toEqual([])
  // Prometheus scrapes only MinIO's metrics of the cluster, which have no single buckets.
  expect(dashboard).toContain('minio_cluster_')
  expect(dashboard).not.toContain('minio_bucket_')
})

function pathHere(container: Container, value: string): string {
  const secret = secretsOf(container).get(value)
  if (!secret) return value
  const { file } = compose.secrets[secret] ?? { file: '' }
  return filled(file).replace(/^\.cluster/, cluster)
}
