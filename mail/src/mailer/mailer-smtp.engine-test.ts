import { expect, it } from 'vitest'
import { z } from 'zod'
import { one, readMime } from '../../test/mime.ts'
import { aMail, contractSender, mailerContract } from './mailer.contract.ts'
import { smtpMailer } from './mailer-smtp.ts'

const { url, api } = readAddresses()
const stored = z.array(z.looseObject({ mimeMessage: z.string() }))

mailerContract('smtpMailer with a mail server', async () => {
  await ask('mail/purge', 'POST')
  const mailer = smtpMailer({ url, sender: contractSender })
  return {
    mailer,
    arrived: () => mailsTo('ada@example.com'),
    [Symbol.asyncDispose]: () => mailer[Symbol.asyncDispose](),
  }
})

it('a mail is in the mailbox of who it is for, and in no other', async () => {
  await ask('mail/purge', 'POST')
  await using mailer = smtpMailer({ url, sender: contractSender })
  await mailer.send(aMail({ to: 'grace@example.com' }))
  await mailer.send(aMail())
  const [mail = '', ...others] = await mailsTo('grace@example.com')
  expect(others).toEqual([])
  expect(one(readMime(mail).headers, 'to')).toBe('grace@example.com')
})

/** What the server keeps for an address, without the lines that it writes above a mail. */
async function mailsTo(address: string): Promise<string[]> {
  const answer = await ask(`user/${address}/messages`)
  // No mail has been written to it yet.
  if (answer.status === 400) return []
  const mails = stored.parse(await answer.json())
  return mails.map(({ mimeMessage }) => withoutTrace(mimeMessage))
}

function withoutTrace(mail: string): string {
  return mail.replace(/^(?:(?:Return-Path|Received):[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)+/i, '')
}

function ask(path: string, method = 'GET'): Promise<Response> {
  return fetch(`${api}/${path}`, { method, signal: AbortSignal.timeout(10_000) })
}

/** `smtp://host:port?api=8080`: the second port is where the server tells what it keeps. */
function readAddresses() {
  const given = process.env.EGO_TEST_SMTP
  if (!given) throw new Error('These tests need a server: run npm run test:engines.')
  const { origin, host, hostname, searchParams } = new URL(given)
  const port = searchParams.get('api')
  if (!port) throw new Error(`EGO_TEST_SMTP: ${host ?? origin} has no port of an api.`)
  return { url: `smtp://${host}`, api: `http://${hostname}:${port}/api` }
}
