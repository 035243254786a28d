import { once } from 'node:events'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** What the server answers to one mail; `cut` ends the connection instead. */
export type Answer = { code: number; at: 'rcpt' | 'data'; text?: string } | 'cut' | 'silence'

export type ReceivedMail = { from: string; to: string[]; raw: string }

/** A real SMTP server on loopback, whose answers a test can choose. */
export async function startSmtp({
  port = 0,
  ...options
}: SMTPServerOptions & { port?: number } = {}) {
  const received: ReceivedMail[] = []
  /** For the next mails, one each; then mails are taken. */
  const answers: Answer[] = []
  let connections = 0
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 50,
    onConnect(_, done) {
      connections += 1
      done()
    },
    onRcptTo({ address }, _, done) {
      const [answer] = answers
      if (typeof answer !== 'object' || answer.at !== 'rcpt') return done()
      answers.shift()
      done(refusal(answer, address))
    },
    onData(stream, { envelope }, done) {
      const answer = answers.shift()
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (answer === 'cut') for (const { _socket } of socketsOf(server)) _socket.destroy()
      })
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString()
        if (answer === 'silence' || answer === 'cut') return
        if (answer) return done(refusal(answer, raw))
        const from = envelope.mailFrom ? envelope.mailFrom.address : ''
        received.push({ from, to: envelope.rcptTo.map(({ address }) => address), raw })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  const listening = server.listen(port, '127.0.0.1')
  await once(listening, 'listening')
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('There is no port.')
  return {
    port: address.port,
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    answers,
    connections: () => connections,
    /** As a server does that has enough of idle clients. */
    hangUp() {
      for (const { _socket } of socketsOf(server)) _socket.destroy()
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

export type TestSmtp = Awaited<ReturnType<typeof startSmtp>>

function socketsOf(server: SMTPServer) {
  return [...server.connections]
}

/** Like real servers, it repeats what it refuses. */
function refusal({ code, text }: Exclude<Answer, string>, about: string): Error {
  return Object.assign(new Error(text ?? `5.7.1 no to ${about}`), { responseCode: code })
}
