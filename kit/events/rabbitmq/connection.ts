import { type ChannelModel, connect, credentials } from 'amqplib'
import { backoffMs, pause } from '../../async/backoff.ts'
import { withTimeout } from '../../async/timeout.ts'
import { unavailable } from '../../async/unavailable.ts'
import type { Log } from '../../process/log.ts'
import { StartError } from '../../process/start-error.ts'
import { decodeUrlText } from '../../process/url-text.ts'

/** A connection that reconnects by itself. */
export type RabbitmqConnection = AsyncDisposable & {
  /** Rejects with a StartError when the broker refuses the login before the first connection. */
  connected: Promise<void>
  /** Throws while there is no connection, and while the broker blocks it. */
  current(): ChannelModel
  /** Resolves as soon as there is a connection. Rejects when this is disposed. */
  next(): Promise<ChannelModel>
}

type Options = {
  url: string
  /** What the connection is for, for the log. */
  purpose: 'publish' | 'consume'
  log: Pick<Log, 'info' | 'warn'>
}

const retry = { baseMs: 200, capMs: 5_000 }
const connectMsMax = 5_000
const closeMsMax = 1_000
/** The connection counts as lost after two to three intervals without a frame. */
const heartbeatSeconds = 6

export function openRabbitmqConnection({ url, purpose, log }: Options): RabbitmqConnection {
  const address = addressOf(url)
  const stopping = new AbortController()
  const first = unobserved<void>()
  let arrival = unobserved<ChannelModel>()
  let session: Session | null = null
  const running = run()

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        await using opened = await openSession(address, stopping.signal)
        begin(opened, failures)
        failures = 0
        await opened.lost
      } catch (error) {
        failures += 1
        fail(error, failures)
      }
      end()
      await pause(backoffMs(failures, retry), stopping.signal)
    }
    arrival.reject(unavailable('The connection to RabbitMQ is closed.'))
  }

  function begin(opened: Session, failures: number): void {
    if (failures > 0) log.info({ purpose, failures }, 'RabbitMQ is available again.')
    session = opened
    first.resolve()
    arrival.resolve(opened.model)
  }

  function end(): void {
    if (session) arrival = unobserved()
    session = null
  }

  function fail(error: unknown, failures: number): void {
    const refusal = refusalOf(error)
    if (refusal) first.reject(refusal)
    // Once per outage, and not during disposal.
    if (failures > 1 || stopping.signal.aborted) return
    log.warn({ err: error, purpose }, 'RabbitMQ is unavailable.')
  }

  return {
    connected: first.promise,
    current() {
      if (!session) throw unavailable('There is no connection to RabbitMQ.')
      const blocked = session.blocked()
      if (blocked) throw unavailable(`RabbitMQ accepts no events at the moment: ${blocked}.`)
      return session.model
    },
    next: () => arrival.promise,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

type Session = AsyncDisposable & {
  model: ChannelModel
  /** Why the broker blocks publishers, such as a full disk; `null` while it does not. */
  blocked(): string | null
  /** Rejects when the connection is lost. */
  lost: Promise<never>
}

async function openSession(address: Address, stopping: AbortSignal): Promise<Session> {
  const socket = new AbortController()
  const giveUp = () => socket.abort()
  stopping.addEventListener('abort', giveUp)
  const options = { ...address.socket, signal: socket.signal }
  const model = await connect(address.href, options).finally(() =>
    stopping.removeEventListener('abort', giveUp),
  )
  const lost = unobserved<never>()
  let blocked: string | null = null
  let cause: unknown
  const lose = () => lost.reject(unavailable('The connection to RabbitMQ is lost.', cause))
  model.on('blocked', (reason) => {
    blocked = reason
  })
  model.on('unblocked', () => {
    blocked = null
  })
  model.on('error', (error) => {
    cause = error
  })
  model.on('close', (error) => {
    cause ??= error
    lose()
  })
  stopping.addEventListener('abort', lose, { signal: socket.signal })
  if (stopping.aborted) lose()
  return {
    model,
    blocked: () => blocked,
    lost: lost.promise,
    async [Symbol.asyncDispose]() {
      // Rejects when the connection is already closed.
      await withTimeout(closeMsMax, model.close()).catch(() => {})
      // close() only sends a close frame; over a dead network the socket would stay open for minutes.
      socket.abort()
    },
  }
}

type Address = ReturnType<typeof addressOf>

function addressOf(url: string) {
  const address = new URL(url)
  if (!address.searchParams.has('heartbeat')) {
    address.searchParams.set('heartbeat', `${heartbeatSeconds}`)
  }
  // The client would misread a password outside ASCII, and replace a missing one with guest.
  const [user = '', password = ''] = [address.username, address.password].map((text) =>
    decodeUrlText(text, 'EVENTS_URL'),
  )
  const socket = {
    credentials: credentials.plain(user, password),
    timeout: connectMsMax,
    noDelay: true,
  }
  return { href: address.href, socket }
}

/** A promise whose rejection may go unobserved. */
function unobserved<T>(): PromiseWithResolvers<T> {
  const resolvers = Promise.withResolvers<T>()
  resolvers.promise.catch(() => {})
  return resolvers
}

/** The sentence for a refusal that only an operator can fix; `null` for a temporary failure. The client's error has only a text. */
function refusalOf(error: unknown): StartError | null {
  const text = error instanceof Error ? error.message : ''
  const sentence = refusals.find(([pattern]) => pattern.test(text))?.[1]
  return sentence ? new StartError(`EVENTS_URL: ${sentence}`, { cause: error }) : null
}

const refusals: [RegExp, string][] = [
  [/ACCESS-REFUSED/, 'RabbitMQ refuses the user or the password.'],
  [/OpenOk; got <ConnectionClose/, 'RabbitMQ has no such virtual host for this user.'],
]
