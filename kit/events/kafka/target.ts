import type { ConsumerOptions } from '@platformatic/kafka'
import { StartError } from '../../process/start-error.ts'
import { decodeUrlText } from '../../process/url-text.ts'

type BaseOptions = ConsumerOptions<Buffer, Buffer, Buffer, Buffer>
export type KafkaTarget = Pick<BaseOptions, 'bootstrapBrokers' | 'sasl' | 'tls' | 'tlsServerName'>

const shape = /^kafka:\/\/(?:(?<user>[^@/?#]*)@)?(?<hosts>[^@/?#\s]+)\/?(?:\?(?<query>[^#]*))?$/
const hostShape = /^(?:\[(?<v6>[\da-f:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/i
const portDefault = 9092
const mechanisms = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const

/**
 * Parses `kafka://user:password@host:port,host2:port?sasl=scram-sha-512&tls=true`, of which only one host is required. The
 * hosts are the bootstrap brokers. A user without `sasl` logs in with `plain`.
 */
export function kafkaTarget(url: string): KafkaTarget {
  const { user, hosts = '', query = '' } = shape.exec(url)?.groups ?? {}
  const bootstrapBrokers = hosts.split(',').map(readHost)
  const {
    sasl = 'plain',
    tls = 'false',
    ...unknown
  } = Object.fromEntries(new URLSearchParams(query))
  const [unknownName] = Object.keys(unknown)
  if (unknownName) {
    throw new StartError(`EVENTS_URL: Kafka takes the options sasl and tls, not ${unknownName}.`)
  }
  if (!isMechanism(sasl)) {
    throw new StartError(`EVENTS_URL: sasl is one of ${Object.keys(mechanisms).join(', ')}.`)
  }
  if (tls !== 'true' && tls !== 'false') throw new StartError('EVENTS_URL: tls is true or false.')
  return {
    bootstrapBrokers,
    ...(user && { sasl: { mechanism: mechanisms[sasl], ...readUser(user) } }),
    ...(tls === 'true' && { tls: {}, tlsServerName: true }),
  }
}

function readHost(text: string) {
  const { v6, name, port } = hostShape.exec(text)?.groups ?? {}
  const host = v6 ?? name
  if (!host) {
    throw new StartError(
      'EVENTS_URL: write the hosts as in kafka://kafka-1:9092,kafka-2:9092, and percent-encode / ? # @ in a user or password.',
    )
  }
  return { host, port: Number(port ?? portDefault) }
}

function readUser(text: string) {
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(text) ?? []
  return {
    username: decodeUrlText(user, 'EVENTS_URL'),
    password: decodeUrlText(password, 'EVENTS_URL'),
  }
}

function isMechanism(text: string): text is keyof typeof mechanisms {
  return Object.hasOwn(mechanisms, text)
}
