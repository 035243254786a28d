import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../kit/process/free-port.ts'
import { type Engine, EngineMissing, type RunningEngine } from './engine.ts'
import { type Server, startServer } from './server.ts'

/** Where packages install it. The one on the PATH requires the rights of its own user. */
const commands = ['/usr/lib/rabbitmq/bin', '/usr/local/sbin', '/opt/homebrew/sbin'].map((folder) =>
  join(folder, 'rabbitmq-server'),
)
const user = 'ego'
const vhost = 'ego'
/** A data folder can only be used by a node of the same name. */
const node = 'ego@localhost'

export const rabbitmq: Engine = {
  name: 'rabbitmq',
  adapter: 'rabbitmq',
  async start() {
    await using building = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'ego-rabbitmq-'))
    building.defer(() => rm(folder, { recursive: true, force: true }))
    const password = randomBytes(16).toString('hex')
    const server = building.use(await startRabbitmq({ folder, port: await freePort(), password }))
    const running = building.move()
    return { url: server.url, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
  },
}

type Options = {
  /** Keeps the data: a start with the same folder and port is a restart of the same server. */
  folder: string
  port: number
  password: string
}

/** Starts one node of RabbitMQ with its own user and virtual host, and without the guest user. */
export async function startRabbitmq({
  folder,
  port,
  password,
}: Options): Promise<RunningEngine & Server> {
  const command = commands.find((path) => existsSync(path))
  if (!command) throw new EngineMissing('no rabbitmq-server')
  await using building = new AsyncDisposableStack()
  const epmd = building.use(await startEpmd())
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'rabbitmq.conf'), configuration(folder, port))
  await writeFile(join(folder, 'definitions.json'), definitions(password), { mode: 0o600 })
  await writeFile(join(folder, 'enabled_plugins'), '[].\n')
  const env = { ...environment(folder), ...epmd.env, RABBITMQ_DIST_PORT: `${await freePort()}` }
  const { pid, ended } = building.use(
    await startServer(
      'rabbitmq',
      async () => ({ command, args: [], env }),
      () => greets(port),
    ),
  )
  const running = building.move()
  return {
    pid,
    ended,
    url: `amqp://${user}:${password}@127.0.0.1:${port}/${vhost}`,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

/** Erlang would start epmd by itself and leave it running; as a child process it ends with the rest. */
async function startEpmd(): Promise<AsyncDisposable & { env: Record<string, string> }> {
  const port = await freePort()
  const env = { ERL_EPMD_PORT: `${port}`, ERL_EPMD_ADDRESS: '127.0.0.1' }
  const server = await startServer(
    'epmd',
    async () => ({ command: 'epmd', args: [], env }),
    () => accepts(port),
  ).catch((error) => {
    throw error.code === 'ENOENT' ? new EngineMissing('no epmd') : error
  })
  return { env, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

function environment(folder: string): Record<string, string> {
  return {
    HOME: folder,
    RABBITMQ_NODENAME: node,
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'logs'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    // Ignores the settings of an installed server.
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +SDio 1',
    // Makes the script exec the server, so that signals reach it.
    RUNNING_UNDER_SYSTEMD: 'true',
  }
}

function configuration(folder: string, port: number): string {
  return [
    `listeners.tcp.ego = 127.0.0.1:${port}`,
    `load_definitions = ${join(folder, 'definitions.json')}`,
    'log.console = true',
    'disk_free_limit.absolute = 50MB',
    '',
  ].join('\n')
}

function definitions(password: string): string {
  const salt = randomBytes(4)
  const hash = createHash('sha256').update(salt).update(password).digest()
  return JSON.stringify({
    users: [
      {
        name: user,
        password_hash: Buffer.concat([salt, hash]).toString('base64'),
        hashing_algorithm: 'rabbit_password_hashing_sha256',
        tags: '',
      },
    ],
    vhosts: [{ name: vhost }],
    permissions: [{ user, vhost, configure: '.*', write: '.*', read: '.*' }],
  })
}

/** The server listens before it is ready; only a started server answers the greeting of the protocol. */
async function greets(port: number): Promise<boolean> {
  return answers(port, 'AMQP\u0000\u0000\u0009\u0001')
}

async function accepts(port: number): Promise<boolean> {
  return answers(port, null)
}

function answers(port: number, greeting: string | null): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (isAnswered: boolean) => {
      socket.destroy()
      resolve(isAnswered)
    }
    socket.setTimeout(1_000, () => end(false))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
    socket.on('data', () => end(true))
    socket.on('connect', () => (greeting === null ? end(true) : socket.write(greeting)))
  })
}
