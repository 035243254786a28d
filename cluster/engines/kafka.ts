import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../kit/process/free-port.ts'
import type { Engine } from './engine.ts'
import { mavenJars } from './maven-jars.ts'
import { type Server, startServer } from './server.ts'

const version = '4.1.1'

export const kafka: Engine = {
  name: 'kafka',
  adapter: 'kafka',
  async start(signal) {
    const port = await freePort()
    const server = await startKafka({ port }, signal)
    const url = `kafka://127.0.0.1:${port}`
    return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  },
}

export type KafkaPlace = {
  port: number
  /** An absolute path that keeps the data for the next start. Without it, the data is removed with the server. */
  data?: string
  /** The only login. Without it, clients need no login. */
  user?: { name: string; password: string }
  /** A second listener, which advertises the port of a link in front of it. */
  linked?: { port: number; advertised: number }
}

type Place = KafkaPlace & { data: string; innerPort: number; controllerPort: number }

/** Starts one node that is broker and controller. Throws an EngineMissing when Kafka is not available on this machine. */
export async function startKafka(
  place: KafkaPlace,
  signal: AbortSignal = new AbortController().signal,
): Promise<Server> {
  const jars = await kafkaHome(signal)
  const [innerPort, controllerPort] = [await freePort(), await freePort()]
  return startServer(
    'kafka',
    async (folder) => {
      const data = place.data ?? join(folder, 'data')
      const properties = join(folder, 'server.properties')
      // The file contains a password.
      await writeFile(properties, propertiesOf({ ...place, data, innerPort, controllerPort }), {
        mode: 0o600,
      })
      if (!existsSync(join(data, 'meta.properties'))) await format(jars, properties, place)
      return { command: 'java', args: [...java(jars), 'kafka.Kafka', properties], env: {} }
    },
    () => answers(place.port),
  )
}

function kafkaHome(signal: AbortSignal): Promise<string> {
  // Without a logger, a server that cannot start does not report why.
  const artifacts = [`org.apache.kafka:kafka_2.13:${version}`, 'org.slf4j:slf4j-simple:1.7.36']
  return mavenJars({ name: 'kafka', version, artifacts, megabytes: 43 }, signal)
}

function java(home: string): string[] {
  return [
    ...['-Xms128m', '-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    ...['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', join(home, 'lib', '*')],
  ]
}

async function format(home: string, properties: string, { user }: KafkaPlace): Promise<void> {
  const users = user
    ? scrams.flatMap((scram) => [
        '--add-scram',
        `${scram}=[name=${user.name},password=${user.password}]`,
      ])
    : []
  const tool = ['kafka.tools.StorageTool', 'format', '--standalone', '--config', properties]
  await promisify(execFile)('java', [
    ...java(home),
    ...[...tool, '--cluster-id', 'MkU3OEVBNTcwNTJENDM2Qg', ...users],
  ])
}

const scrams = ['SCRAM-SHA-256', 'SCRAM-SHA-512']

/** Does not wait for more members when the first one joins a group, and creates no more files than tests need. */
function propertiesOf({ port, innerPort, controllerPort, data, user, linked }: Place): string {
  const at = (name: string, number: number) => `${name}://127.0.0.1:${number}`
  const open = [at('CLIENT', port), at('INNER', innerPort)]
  const listeners = [
    ...[...open, at('CONTROLLER', controllerPort)],
    ...(linked ? [at('LINKED', linked.port)] : []),
  ]
  const advertised = [...open, ...(linked ? [at('LINKED', linked.advertised)] : [])]
  const plaintext = ['INNER', 'CONTROLLER', 'LINKED'].map((name) => `${name}:PLAINTEXT`).join(',')
  return `process.roles=broker,controller
node.id=1
listeners=${listeners.join(',')}
advertised.listeners=${advertised.join(',')}
listener.security.protocol.map=CLIENT:${user ? 'SASL_PLAINTEXT' : 'PLAINTEXT'},${plaintext}
inter.broker.listener.name=INNER
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:${controllerPort}
log.dirs=${data}
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
${user ? logins(user) : ''}`
}

function logins({ name, password }: NonNullable<KafkaPlace['user']>): string {
  const security = 'org.apache.kafka.common.security'
  const scram = `sasl.jaas.config=${security}.scram.ScramLoginModule required;`
  return `sasl.enabled.mechanisms=PLAIN,${scrams.join(',')}
${scrams.map((each) => `listener.name.client.${each.toLowerCase()}.${scram}`).join('\n')}
listener.name.client.plain.sasl.jaas.config=${security}.plain.PlainLoginModule required user_${name}="${password}";
`
}

async function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}
