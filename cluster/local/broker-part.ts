import { join } from 'node:path'
import { startKafka } from '../engines/kafka.ts'
import { startRabbitmq } from '../engines/rabbitmq.ts'
import { newKey } from './environment.ts'
import type { Broker } from './options.ts'
import type { OnEnd, Part } from './part.ts'
import { serverPart } from './server-part.ts'

type Options = { folder: string; port: number; onEnd: OnEnd }

/** The broker with its URL. */
export type BrokerPart = { part: Part; url: string }

type Make = (options: Options) => BrokerPart

const makers: Record<Broker, Make> = {
  rabbitmq({ folder: runFolder, port, onEnd }) {
    const password = newKey()
    const folder = join(runFolder, 'rabbitmq')
    const part = serverPart({
      name: 'rabbitmq',
      address: `127.0.0.1:${port}`,
      start: () => startRabbitmq({ folder, port, password }),
      onEnd,
    })
    return { part, url: `amqp://ego:${password}@127.0.0.1:${port}/ego` }
  },
  kafka({ folder, port, onEnd }) {
    const data = join(folder, 'kafka')
    const part = serverPart({
      name: 'kafka',
      address: `127.0.0.1:${port}`,
      start: () => startKafka({ port, data }),
      onEnd,
    })
    return { part, url: `kafka://127.0.0.1:${port}` }
  },
}

export function brokerPart(name: Broker, options: Options): BrokerPart {
  return makers[name](options)
}
