import { createTransport, type NodemailerError } from 'nodemailer'
import { type Mailer, MailerError } from './mailer.ts'
import { composeMime, type Sender } from './mime.ts'
import { readSmtpUrl } from './smtp-url.ts'

type Options = { url: string; sender: Sender; connectionsMax?: number; timeoutsMs?: Timeouts }
type Timeouts = { connect: number; greeting: number; silence: number; whole: number }

const connectionsMaxDefault = 5
const defaultTimeoutsMs: Timeouts = {
  connect: 10_000,
  greeting: 10_000,
  silence: 30_000,
  whole: 60_000,
}
// A quiet worker gives its connections back, as servers end them without warning.
const idleTimeoutMs = 30_000

/** Keeps a few connections open. Retrying is left to the queue, which knows how often and remembers. */
export function smtpMailer(options: Options): Mailer {
  const { url, sender, connectionsMax, timeoutsMs = defaultTimeoutsMs } = options
  const transport = createTransport({
    ...readSmtpUrl(url),
    pool: true,
    maxConnections: connectionsMax ?? connectionsMaxDefault,
    maxRequeues: 0,
    idleTimeout: idleTimeoutMs,
    connectionTimeout: timeoutsMs.connect,
    greetingTimeout: timeoutsMs.greeting,
    dnsTimeout: timeoutsMs.connect,
    socketTimeout: timeoutsMs.silence,
    // Its log would hold whole mails.
    logger: false,
    debug: false,
  })
  // Each send has its own answer; an event without a listener would end the process.
  transport.on('error', () => {})
  return {
    async send(mail, signal) {
      const { envelope, bytes } = await composeMime(mail, sender)
      // A server that dribbles its answers never runs into the other limits.
      const late = AbortSignal.timeout(timeoutsMs.whole)
      try {
        await transport.sendMail({
          envelope,
          raw: bytes,
          signal: signal ? AbortSignal.any([signal, late]) : late,
        })
      } catch (error) {
        throw withoutWords(error)
      }
    },
    async [Symbol.asyncDispose]() {
      transport.close()
    },
  }
}

// Where the server speaks about this mail. A refused login or greeting is about us, and passes once that is mended.
const aboutTheMail = new Set(['MAIL FROM', 'RCPT TO', 'DATA'])
// "Bad sequence" and "authentication required" are about the session.
const aboutTheSession = new Set([503, 530])

/** Keeps the codes of an error and drops what was said, and the cause with it: both may quote the mail. */
function withoutWords(error: unknown): MailerError {
  if (!(error instanceof Error)) return new MailerError('The mail could not be sent: unknown.')
  const { code, originalCode, command, responseCode, response }: NodemailerError = error
  const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1]
  const about = [code, originalCode, command, responseCode, enhanced].filter(Boolean)
  const isPermanent =
    responseCode !== undefined &&
    responseCode >= 500 &&
    !aboutTheSession.has(responseCode) &&
    aboutTheMail.has(command ?? '')
  return new MailerError(`The mail could not be sent: ${about.join(' ')}.`, { isPermanent })
}
