import { createHash } from 'node:crypto'
import pg from 'pg'
import { decodeUrlText } from '../process/url-text.ts'
import { isSilence } from './errors.ts'
import { type Statement, toStatement } from './sql-text.ts'
import { postgresTypes } from './types.ts'

export type Rows<R extends readonly object[]> = R & { readonly count: number }

/** Runs a statement with its values as parameters, in a pool or in a transaction: the type that a store should ask for. */
export type Tx = {
  <R extends readonly object[] = Record<string, unknown>[]>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<Rows<R>>
  /** Runs statements without parameters, such as migrations. Returns the rows when there is one statement. */
  script<R extends readonly object[]>(text: string): Promise<R>
  /** The same with another answer timeout, for statements whose server timeout was raised. */
  patient(answerMsMax: number): Tx
}

/** A pool. Disposing it waits for running statements, but not forever. */
export type Sql = Tx &
  AsyncDisposable & {
    /** Commits when `work` resolves, rolls back when it rejects. Statements that `work` sends afterwards are refused. */
    begin<T>(work: (tx: Tx) => Promise<T>): Promise<T>
    /** Opens a connection outside the pool, for long-lived locks and notifications. */
    openSession(events: SessionEvents): Promise<Session>
  }

export type SessionEvents = {
  /** Part of the application name, which shows an operator what the connection is for. */
  purpose: string
  onNotify?: (payload: string) => void
  onClose?: () => void
}
export type Session = AsyncDisposable & { sql: Tx }

export type PostgresOptions = {
  url: string
  max?: number
  applicationName?: string
  /** How long an answer may take: the server's own timeout does not help when the server is silent. 0 means no limit. */
  answerMsMax?: number
  /** Settings of each connection, named as in postgresql.conf. */
  settings?: Readonly<Record<string, string>>
}

const connectionsMaxDefault = 10
const connectTimeoutMs = 5_000
// An idle server process holds several megabytes, so an idle service closes its connections.
const idleTimeoutMs = 30_000
const endTimeoutMs = 5_000
const statementTimeoutMs = 10_000
const answerMsMaxDefault = statementTimeoutMs + 5_000
const lockTimeoutMs = 5_000
const idleInTransactionTimeoutMs = 10_000

/** Creates a pool. The first query opens the first connection. */
export function connectPostgres(options: PostgresOptions): Sql {
  const { url, max, applicationName = 'ego', settings = {} } = options
  const config: pg.ClientConfig = {
    ...target(new URL(url)),
    application_name: applicationName,
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: options.answerMsMax ?? answerMsMaxDefault,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    keepAlive: true,
    types: postgresTypes,
  }
  const pool = new pg.Pool({
    ...config,
    max: max ?? connectionsMaxDefault,
    idleTimeoutMillis: idleTimeoutMs,
  })
  // A broken connection fails its statements and is replaced. Without a listener, the event would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return Object.assign(
    tag((query) => pool.query(query)),
    {
      begin: <T>(work: (tx: Tx) => Promise<T>) => inTransaction(pool, work),
      openSession: (events: SessionEvents) => openSession(config, events),
      [Symbol.asyncDispose]: () => waitAtMost(endTimeoutMs, pool.end()),
    },
  )
}

type Query = Statement & { name?: string; query_timeout?: number }
type Run = (query: Query | string) => Promise<pg.QueryResult>

function tag(run: Run, answerMsMax?: number): Tx {
  const limit = answerMsMax === undefined ? {} : { query_timeout: answerMsMax }
  async function ask<R extends readonly object[]>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<Rows<R>> {
    const statement = toStatement(strings, values)
    const { rows, rowCount } = await run({ ...statement, ...limit, name: nameOf(statement.text) })
    // Not enumerable, so that the rows compare and serialize as a plain array.
    Object.defineProperty(rows, 'count', { value: rowCount ?? 0 })
    return rows as unknown as Rows<R>
  }
  return Object.assign(ask, {
    script: async <R extends readonly object[]>(text: string) =>
      (await run(text)).rows as unknown as R,
    patient: (ms: number) => tag(run, ms),
  })
}

const names = new Map<string, string>()

/** A named statement is parsed and planned once per connection. The texts come from the code, so there are few. */
function nameOf(text: string): string {
  const known = names.get(text)
  if (known) return known
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 24)
  names.set(text, name)
  return name
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const turns = oneAtATime(client)
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(tag(turns.run))
    await turns.close()
    const { command } = await client.query('commit')
    // Postgres answers the commit of a failed transaction with a successful rollback.
    if (command !== 'COMMIT') throw new Error('The transaction failed before it was committed.')
    return result
  } catch (error) {
    await turns.close()
    broken = await rollBack(client, error)
    throw error
  } finally {
    client.release(broken)
  }
}

/** Returns the error with which the pool must discard the connection, if any. */
async function rollBack(client: pg.PoolClient, cause: unknown): Promise<Error | undefined> {
  // A connection that stopped answering would not answer the rollback either.
  if (cause instanceof Error && isSilence(cause)) return cause
  try {
    await client.query('rollback')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Runs the statements of a connection one after the other, and refuses all of them once closed. */
function oneAtATime(client: pg.ClientBase) {
  let last: Promise<unknown> = Promise.resolve()
  let isClosed = false
  const run: Run = (query) => {
    if (isClosed) return Promise.reject(new Error('The transaction is over.'))
    const next = last.then(() => client.query(query))
    last = next.catch(() => {})
    return next
  }
  return {
    run,
    async close() {
      isClosed = true
      await last
    },
  }
}

async function openSession(config: pg.ClientConfig, events: SessionEvents): Promise<Session> {
  const application_name = `${config.application_name}-${events.purpose}`
  const client = new pg.Client({ ...config, application_name })
  client.on('error', () => {})
  client.on('notification', ({ payload = '' }) => events.onNotify?.(payload))
  client.on('end', () => events.onClose?.())
  await client.connect()
  return {
    sql: tag(oneAtATime(client).run),
    [Symbol.asyncDispose]: () => waitAtMost(endTimeoutMs, client.end()),
  }
}

/** Resolves with the work, or after `ms`. */
async function waitAtMost(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  try {
    await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** libpq and the launcher write a unix socket as `postgres://user@localhost/db?host=/folder`. */
function target(url: URL): pg.ClientConfig {
  return {
    host: url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 5432),
    user: decodeUrlText(url.username, 'DATABASE_URL'),
    password: decodeUrlText(url.password, 'DATABASE_URL'),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(url.searchParams.get('sslmode') === 'require' && { ssl: true }),
  }
}
