import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { one, readMime } from '../../test/mime.ts'
import { type Mail, type Mailer, MailerError } from './mailer.ts'
import type { Sender } from './mime.ts'

export type OpenedMailer = AsyncDisposable & {
  mailer: Mailer
  /** What has arrived, whole, each copy of it. */
  arrived(): Promise<string[]>
}

export const contractSender: Sender = {
  from: 'Ego ünd Co <no-reply@ego.example>',
  domain: 'ego.example',
}

export function mailerContract(name: string, open: () => Promise<OpenedMailer>): void {
  describe(`${name} keeps the promises of mailers`, () => {
    let opened: OpenedMailer
    let mailer: Mailer
    beforeEach(async () => {
      opened = await open()
      mailer = opened.mailer
    })
    afterEach(() => opened[Symbol.asyncDispose]())

    const arrivedMails = async () => (await opened.arrived()).map(readMime)

    it('a sent mail has arrived, with its headers, text and HTML', async () => {
      const mail = aMail()
      await mailer.send(mail)
      const [arrived, ...others] = await arrivedMails()
      if (!arrived) throw new Error('Nothing has arrived.')
      expect(others).toEqual([])
      const { headers, text, html } = arrived
      expect(one(headers, 'message-id')).toBe(`<${mail.id}@ego.example>`)
      expect(one(headers, 'from')).toMatch(/^=\?UTF-8\?.+\?= <no-reply@ego\.example>$/)
      expect(one(headers, 'to')).toBe('ada@example.com')
      expect(one(headers, 'subject')).toBe('Hello')
      expect(one(headers, 'date')).toBe('Sat, 21 Nov 2026 03:20:00 +0000')
      expect(one(headers, 'auto-submitted')).toBe('auto-generated')
      expect(one(headers, 'content-type')).toContain('multipart/alternative')
      expect(text).toBe(mail.text)
      expect(html).toBe(mail.html)
    })

    it('sent again, it is the same message under the same Message-ID', async () => {
      const mail = aMail()
      await mailer.send(mail)
      await mailer.send({ ...mail })
      expect(new Set(await opened.arrived()).size).toBe(1)
    })

    it.each([
      'ü ß 🙂 שלום \u2028',
      '.\n..\n.hidden\nQUIT',
      'From me\n>From you',
      'a'.repeat(5_000),
      'trailing  \n\ttabs\t\n',
      '=3D =\n--boundary--',
    ])('the text %j comes back whole', async (text) => {
      await mailer.send(aMail({ text: `${text}\n`, html: `<p>${text}</p>\n` }))
      expect(await arrivedMails()).toMatchObject([{ text: `${text}\n`, html: `<p>${text}</p>\n` }])
    })

    it.each([
      { to: 'ada@example.com\r\nBcc: eve@example.com' },
      { to: 'ada@example.com\nRCPT TO:<eve@example.com>' },
      { to: 'ada@example.com, eve@example.com' },
      { to: 'ada@example.com>, <eve@example.com' },
      { to: '' },
      { to: 'ada' },
      { subject: 'Hello\r\nBcc: eve@example.com' },
      { subject: 'Hello\0' },
      { id: `${randomUUID()}\r\nX-Eve: 1` },
    ])('%j is refused for good, and nothing arrives', async (changes) => {
      const error = await failure(mailer.send(aMail(changes)))
      expect(error.isPermanent).toBe(true)
      expect(error.message).not.toMatch(/ada|eve/)
      expect(await opened.arrived()).toEqual([])
    })

    it('many at once all arrive', async () => {
      const mails = Array.from({ length: 40 }, () => aMail())
      await Promise.all(mails.map((mail) => mailer.send(mail)))
      const ids = (await arrivedMails()).map(({ headers }) => one(headers, 'message-id'))
      expect(ids.toSorted()).toEqual(mails.map(({ id }) => `<${id}@ego.example>`).toSorted())
    })

    it('a stopped one is refused, but not for good', async () => {
      const error = await failure(mailer.send(aMail(), AbortSignal.abort()))
      expect(error.isPermanent).toBe(false)
      expect(await opened.arrived()).toEqual([])
    })
  })
}

export function aMail(changes: Partial<Mail> = {}): Mail {
  return {
    id: randomUUID(),
    template: 'new_device',
    to: 'ada@example.com',
    subject: 'Hello',
    text: 'Hello ada,\n\nthis is a text.\n',
    html: '<p>Hello ada</p>\n',
    createdAt: new Date('2026-11-21T03:20:00Z'),
    ...changes,
  }
}

/** Every rejection is a `MailerError`. */
export async function failure(sending: Promise<void>): Promise<MailerError> {
  const error: unknown = await sending.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof MailerError) return error
  throw new Error('It was not refused by a MailerError.', { cause: error })
}
