import type { Rendered } from '../template/render.ts'

/** One mail, whole. The same id and time make the same message again, byte for byte. */
export type Mail = Rendered & { id: string; template: string; createdAt: Date }

/**
 * Hands mails on to where people read them.
 *
 * - `send` resolves once the mail is safe: the mail server took it, or it is in a synced file.
 * - Repeating it is right when it is not known how the last time ended: the Message-ID is that of the mail's id, always.
 * - It rejects with a `MailerError` only, also when the signal aborts; the mail may have been sent all the same.
 */
export type Mailer = AsyncDisposable & {
  send(mail: Mail, signal?: AbortSignal): Promise<void>
}

/** The message is safe to log and store: what a mail server says may quote addresses and content, so it is not in it. */
export class MailerError extends Error {
  override name = 'MailerError'
  /** Trying the same mail again would end the same. */
  readonly isPermanent: boolean

  constructor(message: string, { isPermanent = false } = {}) {
    super(message)
    this.isPermanent = isPermanent
  }
}
