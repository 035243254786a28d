import MailComposer from 'nodemailer/lib/mail-composer'
import { type Mail, MailerError } from './mailer.ts'

/** Who the mails are from, and the domain their Message-IDs belong to. */
export type Sender = { from: string; domain: string }

export type Mime = { envelope: { from: string; to: string }; bytes: Buffer }

const controls = /\p{Cc}/u
const oneAddress = /^[^\s,;:<>"@]+@[^\s,;:<>"@]+$/

/** The message as it travels. Each id gives one Message-ID, however often it is sent. */
export async function composeMime(mail: Mail, { from, domain }: Sender): Promise<Mime> {
  const { id, to, subject, text, html, createdAt } = mail
  // The composer folds and encodes headers by itself; a line break in one is a bug or an attack, so it does not get there.
  if (controls.test(`${id}${subject}`) || !oneAddress.test(to)) {
    throw new MailerError('A header would not be safe.', { isPermanent: true })
  }
  const node = new MailComposer({
    from,
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${id}@${domain}>`,
    date: createdAt,
    headers: { 'Auto-Submitted': 'auto-generated' },
    baseBoundary: id,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile()
  const envelope = node.getEnvelope()
  const [recipient] = envelope.to
  if (!envelope.from || !recipient || envelope.to.length > 1) {
    throw new MailerError('The addresses cannot be used.', { isPermanent: true })
  }
  return { envelope: { from: envelope.from, to: recipient }, bytes: await node.build() }
}
