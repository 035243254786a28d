import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { testDatabase } from '@ego/kit/testing/database'
import { expect, test, vi } from 'vitest'
import { postgresMessages } from '../src/message/store-postgres.ts'
import { one, readMime } from './mime.ts'
import { startSmtp, type TestSmtp } from './smtp.ts'
import { aRequest, canaries, privateKey, seal, startMail, type TestMail } from './start-mail.ts'

const deadline = { timeout: 10_000, interval: 10 }
const hourMs = 3_600_000
const leaseMs = 180_000

const messageIds = (smtp: TestSmtp) =>
  smtp.received.map(({ raw }) => one(readMime(raw).headers, 'message-id'))

/** Until the only message has failed that often, and that is written down. */
async function untilTried(mail: TestMail, attempts: number) {
  await vi.waitFor(async () => {
    const tries = mail.lines.filter((line) => line.includes('it is tried again'))
    expect(tries).toHaveLength(attempts)
    expect(await mail.rows()).toMatchObject([
      { state: 'queued', attempts, failure: expect.any(String) },
    ])
  }, deadline)
}

const untilSent = (mail: TestMail) =>
  vi.waitFor(async () => expect((await mail.rows())[0]?.state).toBe('sent'), deadline)

test('while the server is down for a while nothing is lost, and then one mail arrives', async () => {
  const { port, url, ...first } = await startSmtp()
  await first[Symbol.asyncDispose]()
  await using mail = await startMail({ SMTP_URL: url })
  const event = await aRequest('password_reset')
  await mail.bus.publish([event])
  await untilTried(mail, 1)
  mail.advance(hourMs)
  await untilTried(mail, 2)
  await using smtp = await startSmtp({ port })
  mail.advance(hourMs)
  await untilSent(mail)
  expect(messageIds(smtp)).toEqual([`<${event.id}@ego.example>`])
  expect(mail.lines.join('')).not.toMatch(/canary/)
  expect(await mail.stored()).not.toMatch(/canary/)
})

test.each([{ code: 450, at: 'rcpt' } as const, { code: 451, at: 'data' } as const, 'cut' as const])(
  'after %j the mail is tried again and arrives once',
  async (answer) => {
    await using smtp = await startSmtp()
    await using mail = await startMail({ SMTP_URL: smtp.url })
    smtp.answers.push(answer)
    const event = await aRequest('new_device')
    await mail.bus.publish([event])
    await untilTried(mail, 1)
    mail.advance(hourMs)
    await untilSent(mail)
    expect(messageIds(smtp)).toEqual([`<${event.id}@ego.example>`])
    expect((await mail.rows())[0]).toMatchObject({ attempts: 2, sealed: null, failure: null })
    expect(mail.lines.join('')).not.toMatch(/canary/)
  },
)

test('a mail the server will not have is dead at once; an operator replays or discards it', async () => {
  await using smtp = await startSmtp()
  await using mail = await startMail({ SMTP_URL: smtp.url })
  smtp.answers.push({ code: 550, at: 'rcpt' }, { code: 554, at: 'data' })
  const events = [await aRequest('password_reset'), await aRequest('password_reset')]
  for (const event of events) {
    await mail.bus.publish([event])
    await vi.waitFor(async () => {
      const row = (await mail.rows()).find(({ id }) => id === event.id)
      expect(row).toMatchObject({ state: 'dead', attempts: 1 })
    }, deadline)
  }
  expect(mail.lines.join('')).not.toMatch(/canary/)
  expect(await mail.stored()).not.toMatch(/canary/)

  const [first, second, ...others] = await mail.messages.listDead(100)
  if (!first || !second) throw new Error('Two should be dead.')
  expect(others).toEqual([])
  expect(first).toMatchObject({ template: 'password_reset', attempts: 1, requestId: 'trace-1' })
  expect([first.failure, second.failure].toSorted()).toEqual([
    'The mail could not be sent: EENVELOPE RCPT TO 550 5.7.1.',
    'The mail could not be sent: EMESSAGE DATA 554 5.7.1.',
  ])
  expect(await mail.messages.listDead(1)).toEqual([first])

  expect(await mail.messages.replay(first.id, mail.now())).toBe(true)
  expect(await mail.messages.replay(first.id, mail.now())).toBe(false)
  await vi.waitFor(() => expect(messageIds(smtp)).toEqual([`<${first.id}@ego.example>`]), deadline)
  expect(await mail.messages.discard(second.id)).toBe(true)
  expect(await mail.messages.discard(second.id)).toBe(false)
  expect(await mail.messages.listDead(100)).toEqual([])
})

test('after the last attempt a mail is dead, and told as an error', async () => {
  await using smtp = await startSmtp()
  await using mail = await startMail({ SMTP_URL: smtp.url, MAIL_ATTEMPTS_MAX: '2' })
  smtp.answers.push({ code: 451, at: 'data' }, { code: 451, at: 'data' })
  await mail.bus.publish([await aRequest('new_device')])
  await untilTried(mail, 1)
  mail.advance(hourMs)
  const row = async () => (await mail.rows())[0]
  await vi.waitFor(
    async () => expect(await row()).toMatchObject({ state: 'dead', attempts: 2 }),
    deadline,
  )
  const errors = mail.lines.filter((line) => line.includes('"level":"error"'))
  expect(errors).toHaveLength(1)
  expect(errors[0]).toContain('A mail is given up')
  const metrics = async () => (await mail.request('/metrics')).text()
  expect(await metrics()).toContain('mail_dead_messages')
})

test('a stop waits for the mail under way', async () => {
  await using smtp = await startSmtp({
    onConnect: (_, done) => setTimeout(done, 300),
  })
  const mail = await startMail({ SMTP_URL: smtp.url })
  await mail.bus.publish([await aRequest('new_device')])
  await vi.waitFor(async () => expect((await mail.rows())[0]?.attempts).toBe(1), deadline)
  await mail[Symbol.asyncDispose]()
  expect(smtp.received).toHaveLength(1)
  expect(mail.lines.join('')).toContain('A mail is sent.')
})

test('killed between the sending and the marking, the mail comes again under its Message-ID', {
  timeout: 30_000,
}, async () => {
  await using smtp = await startSmtp()
  await using database = await testDatabase('mail')
  const id = randomUUID()
  const start = Date.parse('2026-11-21T03:20:00Z')
  const message = { id, template: 'password_reset', sealed: await seal(canaries), requestId: null }
  await postgresMessages(database.sql).add(message, start)

  const sendAndDieAt = (now: number) => sendAndDie(database.url, smtp.url, now)
  expect(await sendAndDieAt(start)).toBe('SIGKILL')
  const rows = await database.sql`select state, attempts from message`
  expect([...rows]).toEqual([{ state: 'queued', attempts: 1 }])
  // It is not taken while that process might live.
  expect(await sendAndDieAt(start + leaseMs - 1)).toBe(null)
  expect(await sendAndDieAt(start + leaseMs)).toBe('SIGKILL')
  expect(messageIds(smtp)).toEqual([`<${id}@ego.example>`, `<${id}@ego.example>`])
  expect(new Set(smtp.received.map(({ raw }) => raw)).size).toBe(1)
  expect(smtp.received[0]?.to).toEqual([canaries.to])
})

/** Another process that claims at that time, sends, and kills itself before it can write down that it has. */
async function sendAndDie(databaseUrl: string, smtpUrl: string, now: number) {
  const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  const script = `
    import { connectPostgres } from ${JSON.stringify(import.meta.resolve('@ego/kit/postgres/postgres'))}
    import { openWith } from ${JSON.stringify(import.meta.resolve('@ego/kit/http/identity/sealed'))}
    import { createLog } from ${JSON.stringify(import.meta.resolve('@ego/kit/process/log'))}
    import { smtpMailer } from ${from('../src/mailer/mailer-smtp.ts')}
    import { createDeliver } from ${from('../src/message/deliver.ts')}
    import { postgresMessages } from ${from('../src/message/store-postgres.ts')}
    const messages = postgresMessages(connectPostgres({ url: ${JSON.stringify(databaseUrl)} }))
    const now = () => ${now}
    const [message] = await messages.claim({ now: now(), limit: 1, leaseMs: ${leaseMs} })
    if (!message) process.exit(0)
    const sender = { from: 'no-reply@ego.example', domain: 'ego.example' }
    await createDeliver({
      messages: { ...messages, markSent: () => process.kill(process.pid, 'SIGKILL') },
      mailer: smtpMailer({ url: ${JSON.stringify(smtpUrl)}, sender }),
      open: openWith(${JSON.stringify(privateKey)}),
      log: createLog('mail', 'silent'),
      now,
      attemptsMax: 40,
    })(message, new AbortController().signal)
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  const [, signal] = await once(child, 'exit')
  return signal
}
