import type { Redis } from 'ioredis'
import { backoffMs } from '../../async/backoff.ts'
import type { Log } from '../../process/log.ts'
import { StartError } from '../../process/start-error.ts'
import { reasonOf, redisFailure, refusalOf } from './failure.ts'
import { redisTarget } from './target.ts'

/** A connection that reconnects by itself. While it is down, every command fails at once and nothing is queued. */
export type RedisConnection = AsyncDisposable & {
  /**
   * Rejects as unavailable when Redis does not answer; the command may still have been executed. The error of a refused
   * command does not contain its arguments.
   */
  ask<Result>(work: (client: Redis) => Promise<Result>): Promise<Result>
  /** Rejects while Redis does not answer. */
  check(): Promise<void>
}

export type RedisOptions = {
  log: Pick<Log, 'info' | 'warn'>
  /** What the connection is for, in one word: part of its name in Redis, and of log lines. */
  purpose: string
  /** The variable that holds the URL, for error messages. */
  variable?: string
  /** From sending a command to its reply. */
  timeoutMs?: number
}

const connectTimeoutMs = 2_000
const timeoutMsDefault = 2_000
/** The connection is closed when nothing at all arrives for this long while replies are due. */
const silenceMsMax = 2_000
/** For the first connection; after this the start continues without it. */
const startMsMax = 3_000
const loadingPollMs = 1_000
const reconnect = { baseMs: 100, capMs: 2_000 }
/** Limits the reconnects to a replica that is not promoted. */
const demotedEveryMs = 10_000

/** Resolves also while Redis is down: a cache must not keep a service from starting. */
export async function connectRedis(url: string, options: RedisOptions): Promise<RedisConnection> {
  const { variable = 'REDIS_URL', purpose, timeoutMs = timeoutMsDefault } = options
  const target = redisTarget(url, variable)
  // The client takes megabytes of memory, so it is loaded only when it is used.
  const { Redis } = await import('ioredis')
  const client = new Redis({
    ...target,
    connectionName: `ego-${purpose}`,
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: timeoutMs,
    socketTimeout: silenceMsMax,
    disconnectTimeout: connectTimeoutMs,
    maxLoadingRetryTime: loadingPollMs,
    retryStrategy: (attempt) => backoffMs(attempt, reconnect),
    // A command whose reply was lost may have been executed, so the caller decides whether to repeat it.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    reconnectOnError: whenDemoted(),
  })
  const refusal = logOutages(client, options)
  await firstAttempt(client)
  if (refusal.first) {
    client.disconnect()
    throw new StartError(`${variable}: ${sentences[refusal.first]}`)
  }

  async function ask<Result>(work: (client: Redis) => Promise<Result>): Promise<Result> {
    try {
      return await work(client)
    } catch (error) {
      throw redisFailure(error)
    }
  }

  return {
    ask,
    check: async () => void (await ask((asked) => asked.ping())),
    async [Symbol.asyncDispose]() {
      client.removeAllListeners('close')
      // Pending commands still get their replies, unless Redis is down.
      if (client.status === 'ready') await client.quit().catch(() => {})
      client.disconnect()
    },
  }
}

const sentences = {
  credentials: 'Redis refuses the user or the password.',
  database: 'Redis has no such database; the number after the slash selects it.',
}

type Refusal = NonNullable<ReturnType<typeof refusalOf>>

/** Logs each outage once, however many reconnects fail, and once more when an operator has to fix it. */
function logOutages(client: Redis, { log, purpose }: RedisOptions): { first: Refusal | null } {
  const refusal: { first: Refusal | null } = { first: null }
  /** The first error of an attempt; later ones only say that the connection was closed. */
  let failure: unknown
  let logged: 'nothing' | 'outage' | 'refusal' = 'nothing'
  client.on('connecting', () => {
    failure = undefined
  })
  client.on('error', (error) => {
    failure ??= error
    refusal.first ??= refusalOf(error)
    // The client would otherwise continue in database 0.
    if (refusalOf(error) === 'database') client.disconnect(true)
  })
  client.on('close', () => {
    const kind = refusalOf(failure) ? 'refusal' : 'outage'
    if (logged === kind || logged === 'refusal') return
    logged = kind
    log.warn({ purpose, reason: reasonOf(failure) }, 'Redis is unavailable; reconnecting')
  })
  client.on('ready', () => {
    if (logged !== 'nothing') log.info({ purpose }, 'Redis is available again')
    logged = 'nothing'
  })
  return refusal
}

/** After a failover the host name may already resolve to the new primary, so a reconnect helps. */
function whenDemoted(): (error: Error) => boolean {
  let lastMs = Number.NEGATIVE_INFINITY
  return ({ message }) => {
    const nowMs = performance.now()
    if (!message.startsWith('READONLY') || nowMs - lastMs < demotedEveryMs) return false
    lastMs = nowMs
    return true
  }
}

/** Waits until the client is ready or has failed once, but not longer than `startMsMax`. */
async function firstAttempt(client: Redis): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, startMsMax)
  await Promise.race([client.connect().catch(() => {}), late.promise])
  clearTimeout(timer)
}
