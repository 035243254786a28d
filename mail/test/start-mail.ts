import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { sealFor, sealingPublicKey } from '@ego/kit/http/identity/sealed'
import { createLog } from '@ego/kit/process/log'
import { testDatabase } from '@ego/kit/testing/database'
import { loadConfig } from '../src/config.ts'
import { postgresMessages } from '../src/message/store-postgres.ts'
import { wireMail } from '../src/wire.ts'

export const privateKey = randomBytes(32).toString('base64url')
export const seal = sealFor(sealingPublicKey(privateKey))

/** None of these may be seen anywhere but in the mail itself. */
export const canaries = {
  to: 'canary-address@example.com',
  username: 'canary-name',
  token: 'canary-token',
  link: 'https://canary-link.example/reset',
  device: 'canary-device',
  ip: 'canary-ip',
  new_email: 'canary-other@example.com',
}

/** The service on a database of its own, with a bus that the test publishes requests to, and a clock it can advance. */
export async function startMail(environment: Record<string, string> = {}) {
  const resources = new AsyncDisposableStack()
  const database = resources.use(await testDatabase('mail'))
  const folder = await mkdtemp(join(tmpdir(), 'ego-mail-'))
  resources.defer(() => rm(folder, { recursive: true }))
  const bus = memoryBus({ consumers: ['mail'] })
  const config = loadConfig({
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    MAIL_PRIVATE_KEY: privateKey,
    MAIL_DOMAIN: 'ego.example',
    ...(!environment.SMTP_URL && { MAIL_FOLDER: folder }),
    ...environment,
  })
  const lines: string[] = []
  const log = createLog('mail', 'trace', { write: (line) => void lines.push(line) })
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const wire = () => wireMail(config, { log, bus, now })
  const service = resources.use(await wire())
  await service.start()
  return {
    bus,
    sql: database.sql,
    database,
    messages: postgresMessages(database.sql),
    lines,
    now,
    request: service.app.request.bind(service.app),
    advance: (ms: number) => {
      aheadMs += ms
    },
    /** Another process of the service on the same queue. */
    async another() {
      const other = resources.use(await wire())
      await other.start()
    },
    /** Mails as files, oldest first. */
    async files() {
      const names = (await readdir(folder)).toSorted().filter((name) => name.endsWith('.eml'))
      return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    },
    async rows() {
      return [
        ...(await database.sql<Row[]>`
          select message_id as id, template, sealed, state, attempts, failure, due_at, settled_at
          from message
          order by message_id`),
      ]
    },
    /** Everything that the database holds, as text. */
    async stored() {
      const [row] = await database.sql<[{ all: string }]>`
        select concat(
          (select json_agg(m) from message m),
          (select json_agg(i) from inbox i),
          (select json_agg(d) from dead_letter d)
        ) as all`
      return row.all
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export type TestMail = Awaited<ReturnType<typeof startMail>>

type Row = {
  id: string
  template: string
  sealed: string | null
  state: string
  attempts: number
  failure: string | null
  due_at: Date
  settled_at: Date | null
}

export async function aRequest(template: string, part: unknown = canaries) {
  return anEvent({ template, sealed: await seal(part) })
}

export function anEvent(payload: unknown) {
  return {
    id: randomUUID(),
    type: 'mail.requested.v1',
    key: '1',
    occurred_at: new Date().toISOString(),
    request_id: 'trace-1',
    payload,
  }
}
