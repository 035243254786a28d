import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSmtp, type TestSmtp } from '../../test/smtp.ts'
import { aMail, contractSender, failure, mailerContract } from './mailer.contract.ts'
import { smtpMailer } from './mailer-smtp.ts'

const sender = contractSender
const timeoutsMs = { connect: 500, greeting: 500, silence: 300, whole: 1_000 }

mailerContract('smtpMailer', async () => {
  const resources = new AsyncDisposableStack()
  const smtp = resources.use(await startSmtp())
  const mailer = resources.use(smtpMailer({ url: smtp.url, sender }))
  return {
    mailer,
    arrived: async () => smtp.received.map(({ raw }) => raw),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
})

describe('a mail server', () => {
  let smtp: TestSmtp
  beforeEach(async () => {
    smtp = await startSmtp()
  })
  afterEach(() => smtp[Symbol.asyncDispose]())

  it('gets the mail with its envelope, many over a few connections', async () => {
    await using mailer = smtpMailer({ url: smtp.url, sender, connectionsMax: 2 })
    await Promise.all(Array.from({ length: 20 }, () => mailer.send(aMail())))
    expect(smtp.received).toHaveLength(20)
    expect(smtp.received[0]).toMatchObject({
      from: 'no-reply@ego.example',
      to: ['ada@example.com'],
    })
    expect(smtp.connections()).toBe(2)
  })

  it.each([
    [421, 'data'],
    [450, 'rcpt'],
    [451, 'data'],
    [452, 'rcpt'],
    [503, 'rcpt'],
    [530, 'rcpt'],
  ] as const)('that answers %i at %s may be asked again', async (code, at) => {
    await using mailer = smtpMailer({ url: smtp.url, sender })
    smtp.answers.push({ code, at })
    const mail = aMail()
    const error = await failure(mailer.send(mail))
    expect(error).toMatchObject({ isPermanent: false, message: expect.stringContaining(`${code}`) })
    expect(told(error)).not.toMatch(/ada|example/)
    await mailer.send(mail)
    expect(smtp.received).toHaveLength(1)
  })

  it.each([
    [550, 'rcpt'],
    [552, 'data'],
    [554, 'data'],
  ] as const)('that answers %i at %s has refused for good', async (code, at) => {
    await using mailer = smtpMailer({ url: smtp.url, sender })
    smtp.answers.push({ code, at })
    const error = await failure(mailer.send(aMail()))
    expect(error).toMatchObject({ isPermanent: true })
    expect(error.message).toMatch(new RegExp(`: E[A-Z]+ (RCPT TO|DATA) ${code} 5\\.7\\.1\\.$`))
    expect(told(error)).not.toMatch(/ada|example/)
  })

  it('that cuts the connection in the middle of a mail may be asked again', async () => {
    await using mailer = smtpMailer({ url: smtp.url, sender })
    const mail = aMail({ text: `${'a line\n'.repeat(100_000)}` })
    smtp.answers.push('cut')
    const error = await failure(mailer.send(mail))
    expect(error.isPermanent).toBe(false)
    expect(smtp.received).toEqual([])
    await mailer.send(mail)
    expect(smtp.received).toHaveLength(1)
  })

  it('that never answers is given up for now', async () => {
    await using mailer = smtpMailer({ url: smtp.url, sender, timeoutsMs })
    smtp.answers.push('silence')
    expect(await failure(mailer.send(aMail()))).toMatchObject({ isPermanent: false })
    await mailer.send(aMail())
  })

  it('that has ended an idle connection gets the next mail over a new one', async () => {
    await using mailer = smtpMailer({ url: smtp.url, sender })
    await mailer.send(aMail())
    smtp.hangUp()
    await new Promise((resolve) => setImmediate(resolve))
    // It may go out on the connection that is just ending; the queue would ask again.
    await mailer.send(aMail()).catch(() => mailer.send(aMail()))
    expect(smtp.received).toHaveLength(2)
  })

  it('a send under way is cut off by the signal', async () => {
    await using mailer = smtpMailer({ url: smtp.url, sender })
    const stopping = new AbortController()
    smtp.answers.push('silence')
    const sending = failure(mailer.send(aMail(), stopping.signal))
    setTimeout(() => stopping.abort(), 50)
    expect(await sending).toMatchObject({ isPermanent: false })
  })
})

it('a server that is down is a failure that passes', async () => {
  const { port, url, ...first } = await startSmtp()
  await first[Symbol.asyncDispose]()
  await using mailer = smtpMailer({ url, sender, timeoutsMs })
  const error = await failure(mailer.send(aMail()))
  expect(error).toMatchObject({
    isPermanent: false,
    message: expect.stringContaining('ECONNREFUSED'),
  })
  await using smtp = await startSmtp({ port })
  await mailer.send(aMail())
  expect(smtp.received).toHaveLength(1)
})

it('a server that cannot be found is a failure that passes', async () => {
  await using mailer = smtpMailer({ url: 'smtp://mail.invalid:25', sender, timeoutsMs })
  expect(await failure(mailer.send(aMail()))).toMatchObject({ isPermanent: false })
})

describe('who and how, as the url says', () => {
  const login = { user: 'us er@ego', password: 'p/a:ss' }
  const credentials = `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}`
  const startPrivate = () =>
    startSmtp({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _, done) {
        const isRight = username === login.user && password === login.password
        done(isRight ? null : new Error('no'), isRight ? { user: username } : undefined)
      },
    })

  it('a login is used, also one with characters that urls encode', async () => {
    await using smtp = await startPrivate()
    await using mailer = smtpMailer({ url: `smtp://${credentials}@127.0.0.1:${smtp.port}`, sender })
    await mailer.send(aMail())
    expect(smtp.received).toHaveLength(1)
  })

  it.each(['', 'someone:wrong@'])('with the login %j no mail is given up', async (wrong) => {
    await using smtp = await startPrivate()
    await using mailer = smtpMailer({ url: `smtp://${wrong}127.0.0.1:${smtp.port}`, sender })
    const error = await failure(mailer.send(aMail()))
    expect(error.isPermanent).toBe(false)
    expect(told(error)).not.toContain('someone')
  })

  it('smtps speaks TLS from the start and believes no certificate it cannot check', async () => {
    await using smtp = await startSmtp({ secure: true })
    const url = `smtps://127.0.0.1:${smtp.port}`
    await using careful = smtpMailer({ url, sender, timeoutsMs })
    expect(await failure(careful.send(aMail()))).toMatchObject({ isPermanent: false })
    await using trusting = smtpMailer({ url: `${url}?tls.rejectUnauthorized=false`, sender })
    await trusting.send(aMail())
    expect(smtp.received).toHaveLength(1)
  })

  it('smtp upgrades where that is offered, and can insist', async () => {
    await using plain = await startSmtp()
    await using insisting = smtpMailer({ url: `${plain.url}?requireTLS=true`, sender, timeoutsMs })
    expect(await failure(insisting.send(aMail()))).toMatchObject({ isPermanent: false })
    let isSecure = false
    await using upgrading = await startSmtp({
      disabledCommands: [],
      onSecure(_, __, done) {
        isSecure = true
        done()
      },
    })
    const url = `${upgrading.url}?requireTLS=true&tls.rejectUnauthorized=false`
    await using mailer = smtpMailer({ url, sender })
    await mailer.send(aMail())
    expect(isSecure).toBe(true)
    expect(plain.received).toEqual([])
  })

  it.each(['debug=true', 'logger=true', 'requireTLS=yes', 'pool=false'])(
    'the option %s is refused',
    (option) => {
      expect(() => smtpMailer({ url: `smtp://localhost?${option}`, sender })).toThrow(
        'SMTP_URL may only have requireTLS',
      )
    },
  )
})

/** Everything that a logger or a row could take from it. */
function told(error: Error): string {
  return JSON.stringify([error, error.message, error.stack, String(error.cause)])
}
