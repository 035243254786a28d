import { serviceNames } from '@ego/contracts/services'
import type { Log } from '../process/log.ts'
import { StartError } from '../process/start-error.ts'
import { withFirstHost } from '../process/url-text.ts'
import type { BrokerBus, BrokerOptions, Bus } from './bus.ts'
import { unavailableBus } from './bus-unavailable.ts'

type Open = (options: BrokerOptions) => Promise<BrokerBus>

/** By the protocol of `EVENTS_URL`. A client takes megabytes of memory, so only the one in use is loaded. */
const brokers: Record<string, () => Promise<Open>> = {
  'amqp:': rabbitmq,
  'amqps:': rabbitmq,
  'kafka:': kafka,
}

type Options = {
  config: { EVENTS_URL?: string | undefined }
  log: Log
  resources: AsyncDisposableStack
}

/** Opens the broker that `EVENTS_URL` names. Without it, events wait in the outbox. */
export async function openBus({ config, log, resources }: Options): Promise<Bus> {
  const { EVENTS_URL: url } = config
  if (!url) return unavailableBus()
  const { protocol } = new URL(withFirstHost(url))
  const open = await brokers[protocol]?.()
  if (!open) throw new StartError(`EVENTS_URL: ${protocol}// is not a supported broker.`)
  return resources.use(await open({ url, consumers: serviceNames, log }))
}

async function rabbitmq(): Promise<Open> {
  return (await import('./rabbitmq/bus-rabbitmq.ts')).rabbitmqBus
}

async function kafka(): Promise<Open> {
  return (await import('./kafka/bus-kafka.ts')).kafkaBus
}
