// Plain JavaScript for Node 20 and newer, without packages, because a cluster of containers needs no installation.
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

const list = new URL('../contracts/services.json', import.meta.url)
const ports = JSON.parse(readFileSync(list, 'utf8'))
const services = Object.keys(ports)
const passwords = [
  ...services.flatMap((name) => [`${name}-owner`, `${name}-app`]),
  ...['postgres', 'redis', 'rabbitmq', 'elasticsearch', 'search', 'kibana', 'kibana-encryption'],
  ...['minio-root', 's3', 'mailpit', 'grafana', 'admin'],
]
const keys = ['key-encryption', 'refresh-token', 'mail-private']

const [folder] = process.argv.slice(2)
try {
  writeFiles(join(folder, 'secrets'), filesFor(readOrMake(folder)))
} catch (error) {
  process.stderr.write(`The secrets in ${folder} cannot be made: ${error.message}.\n`)
  process.exitCode = 1
}

/** Keeps existing secrets, because the data in the volumes depends on them. */
function readOrMake(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const file = join(folder, 'secrets.json')
  const kept = existsSync(file) ? parse(file) : {}
  const made = { ...kept }
  for (const name of passwords) made[name] ??= randomBytes(16).toString('hex')
  for (const name of keys) made[name] ??= randomBytes(32).toString('base64url')
  if (Object.keys(made).length > Object.keys(kept).length) {
    replace(file, `${JSON.stringify(made, null, 2)}\n`, 0o600)
  }
  return made
}

function parse(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Error(`${file} is not valid JSON; restore it from a backup`, { cause })
  }
}

/** One file for each secret of a container, in the format of the program that reads it. */
function filesFor(secret) {
  const urls = services.flatMap((name) =>
    ['owner', 'app'].map((role) => [
      `${name}-${role}-url`,
      `postgres://${name}_${role}:${secret[`${name}-${role}`]}@postgres:5432/${name}`,
    ]),
  )
  const redis = `redis://:${secret.redis}@redis:6379`
  return {
    ...Object.fromEntries(urls),
    // No secret, but it is made of the same list.
    'prometheus-targets.json': JSON.stringify([
      { targets: services.map((name) => `${name}:${ports[name].port}`) },
    ]),
    'postgres-password': secret.postgres,
    'redis-password': secret.redis,
    'redis-url': redis,
    'redis.conf': `requirepass ${secret.redis}`,
    'rabbitmq.conf': [
      'default_user = ego',
      `default_pass = ${secret.rabbitmq}`,
      'default_vhost = ego',
      // Quorum queues keep their log in memory up to this size; the default of 512 MB is the limit of the container.
      'raft.wal_max_size_bytes = 67108864',
    ].join('\n'),
    'rabbitmq-password': secret.rabbitmq,
    'events-rabbitmq-url': `amqp://ego:${secret.rabbitmq}@rabbitmq:5672/ego`,
    'events-kafka-url': 'kafka://kafka:9092',
    'elasticsearch-password': secret.elasticsearch,
    'search-url': `http://ego:${secret.search}@elasticsearch:9200`,
    'kibana-password': secret.kibana,
    'kibana-encryption-key': secret['kibana-encryption'],
    'minio-root-password': secret['minio-root'],
    's3-secret-access-key': secret.s3,
    'mailpit-users': `ego:${secret.mailpit}`,
    'mailpit-password': secret.mailpit,
    'grafana-password': secret.grafana,
    'admin-password': secret.admin,
    'key-encryption-key': secret['key-encryption'],
    'refresh-token-key': secret['refresh-token'],
    'mail-private-key': secret['mail-private'],
    'mail-public-key': publicHalf(secret['mail-private']),
  }
}

/**
 * Every user may read the files, because containers run as different users and a mounted file keeps its owner. The mode of
 * the folder keeps other users of this machine out.
 */
function writeFiles(folder, files) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  for (const [name, value] of Object.entries(files)) {
    const file = join(folder, name)
    const text = `${value}\n`
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
    replace(file, text, 0o444)
  }
}

/** After a power cut either the old file or the whole new one is there. */
function replace(file, text, mode) {
  const draft = `${file}.tmp`
  const opened = openSync(draft, 'w', 0o600)
  writeSync(opened, text)
  fsyncSync(opened)
  closeSync(opened)
  chmodSync(draft, mode)
  renameSync(draft, file)
}

/** Derives the public key like kit/http/identity/sealed.ts. */
function publicHalf(privateKey) {
  const prefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
  const key = Buffer.concat([prefix, Buffer.from(privateKey, 'base64url')])
  const { x } = createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' })).export({
    format: 'jwk',
  })
  return x
}
