import type { Redis } from 'ioredis'
import { backoffMs } from '../../async/backoff.ts'
import type { Log } from '../../process/log.ts'
import { StartError } from '../../process/start-error.ts'
import { reasonOf, redisFailure, refusalOf } from './failure.ts'
import { redisTarget } from './target.ts'

/** A connection that comes back by itself. While it is away, whatever is asked fails at once and nothing is queued. */
export type RedisConnection = AsyncDisposable & {
  /**
   * What Redis does not answer is thrown as an engine that is away, and may have been done all the same. A command that
   * it refuses is thrown without what it was given.
   */
  ask<Result>(work: (client: Redis) => Promise<Result>): Promise<Result>
  /** Rejects while Redis does not answer. */
  check(): Promise<void>
}

export type RedisOptions = {
  log: Pick<Log, 'info' | 'warn'>
  /** What the connection is for, in one word: a start of Redis' own name for it, and told in the log. */
  purpose: string
  /** Where the url comes from. */
  variable?: string
  /** From the sending of a command to its reply. */
  timeoutMs?: number
}

const connectTimeoutMs = 2_000
const timeoutMsDefault = 2_000
/** Nothing at all came while replies are due: the connection is given up. */
const silenceMsMax = 2_000
/** For the first connection; the start goes on without it. */
const startMsMax = 3_000
const loadingPollMs = 1_000
const reconnect = { baseMs: 100, capMs: 2_000 }
/** A replica that stays one is not worth more. */
const demotedEveryMs = 10_000

/** Resolves also while Redis is away: a cache must not keep a service from starting. */
export async function connectRedis(url: string, options: RedisOptions): Promise<RedisConnection> {
  const { variable = 'REDIS_URL', purpose, timeoutMs = timeoutMsDefault } = options
  const target = redisTarget(url, variable)
  // The client takes megabytes of memory, which is only for those who use it.
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
    // A command whose reply was lost may have been done: whoever asked decides whether to ask again.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    reconnectOnError: whenDemoted(),
  })
  const refusal = watch(client, options)
  await firstAnswer(client)
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
      // What is under way is still answered, unless Redis is away.
      if (client.status === 'ready') await client.quit().catch(() => {})
      client.disconnect()
    },
  }
}

const sentences = {
  credentials: 'Redis takes neither this user nor this password.',
  database: 'Redis has no such database; the number after the slash chooses it.',
}

type Refusal = NonNullable<ReturnType<typeof refusalOf>>

/** Tells of each outage once, however often it is tried again, and once more when a person has to mend it. */
function watch(client: Redis, { log, purpose }: RedisOptions): { first: Refusal | null } {
  const refusal: { first: Refusal | null } = { first: null }
  /** The first of an attempt: those that follow only tell that the line was closed. */
  let failure: unknown
  let told: 'nothing' | 'away' | 'refused' = 'nothing'
  client.on('connecting', () => {
    failure = undefined
  })
  client.on('error', (error) => {
    failure ??= error
    refusal.first ??= refusalOf(error)
    // The client would go on in database 0.
    if (refusalOf(error) === 'database') client.disconnect(true)
  })
  client.on('close', () => {
    const kind = refusalOf(failure) ? 'refused' : 'away'
    if (told === kind || told === 'refused') return
    told = kind
    log.warn({ purpose, reason: reasonOf(failure) }, 'Redis is away; trying again')
  })
  client.on('ready', () => {
    if (told !== 'nothing') log.info({ purpose }, 'Redis is back')
    told = 'nothing'
  })
  return refusal
}

/** Another one is the primary now, and the name may lead there already. */
function whenDemoted(): (error: Error) => boolean {
  let lastMs = Number.NEGATIVE_INFINITY
  return ({ message }) => {
    const nowMs = performance.now()
    if (!message.startsWith('READONLY') || nowMs - lastMs < demotedEveryMs) return false
    lastMs = nowMs
    return true
  }
}

/** Until it is ready or has failed once, and not for long. */
async function firstAnswer(client: Redis): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, startMsMax)
  await Promise.race([client.connect().catch(() => {}), late.promise])
  clearTimeout(timer)
}
