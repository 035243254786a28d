import { createSignal, type Signal } from '@ego/kit/async/signal'
import type { Bus } from '@ego/kit/events/bus'
import { measureEvents } from '@ego/kit/events/event-metrics'
import { startConsumer } from '@ego/kit/events/inbox'
import { openBus } from '@ego/kit/events/open-bus'
import { openWith } from '@ego/kit/http/identity/sealed'
import { ownedService, type Service } from '@ego/kit/http/service'
import { checkPostgres, openDatabase } from '@ego/kit/postgres/open-database'
import type { Log } from '@ego/kit/process/log'
import { createMetrics, type Metrics } from '@ego/kit/process/metrics'
import { mailApp } from './app.ts'
import { type Config, type MailTarget, mailTarget } from './config.ts'
import type { Mailer } from './mailer/mailer.ts'
import { fileMailer } from './mailer/mailer-files.ts'
import { smtpMailer } from './mailer/mailer-smtp.ts'
import type { Sender } from './mailer/mime.ts'
import { mailEvents } from './message/consumer-postgres.ts'
import { deliver } from './message/deliver.ts'
import { postgresMessages } from './message/store-postgres.ts'
import { type Housekeeping, startHousekeeping } from './message/sweep.ts'
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
  const wakeUp = createSignal()
  const housekeeping = building.use(startHousekeeping({ messages, log, now }))
  const metrics = createMetrics('mail')
  measureEvents(metrics, sql, 'mail')
  measure(metrics, housekeeping, now)
  const app = mailApp({
    log,
    metrics,
    checks: { required: { postgres: checkPostgres(sql) }, optional: { events: bus.check } },
  })

  const on = mailEvents(now)
  const heard = ringing(bus, wakeUp)
  building.use(await startConsumer({ sql, bus: heard, log, consumer: 'mail', on }))
  const send = deliver({
    messages,
    mailer,
    open: openWith(config.MAIL_PRIVATE_KEY),
    log,
    now,
    attemptsMax: config.MAIL_ATTEMPTS_MAX,
  })
  return ownedService({ app, metrics }, building.move(), () =>
    startWorker({ messages, deliver: send, wakeUp, log, now }),
  )
}

async function openMailer(target: MailTarget, sender: Sender, log: Log): Promise<Mailer> {
  if ('smtpUrl' in target) return smtpMailer({ url: target.smtpUrl, sender })
  return fileMailer({ folder: target.folder, sender, log })
}

/** An event is handled once its transaction has committed, so this is when there is something to send. */
function ringing(bus: Bus, wakeUp: Signal): Pick<Bus, 'subscribe'> {
  return {
    subscribe: (subscription) =>
      bus.subscribe({
        ...subscription,
        async handle(event) {
          await subscription.handle(event)
          wakeUp.notify()
        },
      }),
  }
}

function measure(metrics: Metrics, { queue }: Housekeeping, now: () => number): void {
  const ageSeconds = () => {
    const { oldestAt } = queue()
    return oldestAt ? Math.max(0, now() - oldestAt.getTime()) / 1_000 : 0
  }
  metrics.gauge('mail_queue_messages', 'Mails that wait to be sent.', () => queue().waiting)
  metrics.gauge('mail_queue_oldest_seconds', 'How long the oldest has waited.', ageSeconds)
  metrics.gauge('mail_dead_messages', 'Mails that were given up.', () => queue().dead)
}
