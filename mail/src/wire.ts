import { createSignal } from '@ego/kit/async/signal'
import type { Bus } from '@ego/kit/events/bus'
import { measureEvents } from '@ego/kit/events/event-metrics'
import { startConsumer } from '@ego/kit/events/inbox'
import { openBus } from '@ego/kit/events/open-bus'
import { openWith } from '@ego/kit/http/identity/sealed'
import { ownedService, type Service } from '@ego/kit/http/service'
import { checkPostgres, openDatabase } from '@ego/kit/postgres/open-database'
import type { Log } from '@ego/kit/process/log'
import { createMetrics } from '@ego/kit/process/metrics'
import { mailApp } from './app.ts'
import { type Config, type MailTarget, mailTarget } from './config.ts'
import type { Mailer } from './mailer/mailer.ts'
import { fileMailer } from './mailer/mailer-files.ts'
import { smtpMailer } from './mailer/mailer-smtp.ts'
import type { Sender } from './mailer/mime.ts'
import { createDeliver } from './message/deliver.ts'
import { measureMessages } from './message/measure.ts'
import { onMailRequested } from './message/on-mail-requested.ts'
import { postgresMessages } from './message/store-postgres.ts'
import { startSweep } from './message/sweep.ts'
import { startWorker } from './message/worker.ts'

/** Without a bus, the one of the configuration. */
export type Given = { log: Log; bus?: Bus; now?: () => number }

export async function wireMail(config: Config, given: Given): Promise<Service> {
  const { log, now = Date.now } = given
  const target = mailTarget(config)
  const sender = { from: config.MAIL_FROM, domain: config.MAIL_DOMAIN }
  await using building = new AsyncDisposableStack()
  const bus = given.bus ?? (await openBus({ config, log, resources: building }))
  const mailer = building.use(await openMailer(target, sender, log))
  const migrations = new URL('../migrations/', import.meta.url)
  const sql = building.use(await openDatabase({ service: 'mail', config, migrations }))
  const messages = postgresMessages(sql)
  building.use(startSweep({ messages, log, now }))

  const metrics = createMetrics('mail')
  measureEvents(metrics, sql, 'mail')
  measureMessages(metrics, messages, now)
  const checks = { required: { postgres: checkPostgres(sql) }, optional: { events: bus.check } }
  const app = mailApp({ log, metrics, checks })

  const wakeUp = createSignal()
  const on = [onMailRequested({ messagesOf: postgresMessages, wakeWorker: wakeUp.notify, now })]
  building.use(await startConsumer({ sql, bus, log, consumer: 'mail', on }))
  const open = openWith(config.MAIL_PRIVATE_KEY)
  const attemptsMax = config.MAIL_ATTEMPTS_MAX
  const deliver = createDeliver({ messages, mailer, open, log, now, attemptsMax })
  return ownedService({ app, metrics }, building.move(), () =>
    startWorker({ messages, deliver, wakeUp, log, now }),
  )
}

async function openMailer(target: MailTarget, sender: Sender, log: Log): Promise<Mailer> {
  if ('smtpUrl' in target) return smtpMailer({ url: target.smtpUrl, sender })
  return fileMailer({ folder: target.folder, sender, log })
}
