import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { togetherResponse } from './together-response.ts'

const broken: unknown[] = []

/** Sends as many requests at once, each on a connection of its own; answers all that came back on each. */
async function answersOf(count: number, handle: (outgoing: ServerResponse) => void) {
  const options = { ServerResponse: togetherResponse((error) => broken.push(error)) }
  const server = createServer(options, (_, outgoing) => {
    outgoing.setHeader('connection', 'close')
    handle(outgoing)
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const asked = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n')
    return text(socket)
  })
  return Promise.all(asked)
}

test('answers that are ready in one turn leave whole, and all of them at its end', async () => {
  const waiting: ServerResponse[] = []
  const seen: boolean[][] = []
  const leftYet = () => waiting.map(({ socket }) => socket === null || socket.bytesWritten > 0)
  const answers = await answersOf(2, (outgoing) => {
    if (waiting.push(outgoing) < 2) return
    for (const each of waiting) each.end('first and last')
    seen.push(leftYet())
    setImmediate(() => seen.push(leftYet()))
  })
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 200 .+first and last$/s)
  expect(seen).toEqual([
    [false, false],
    [true, true],
  ])
})

test('an answer that waits for the end of its turn counts as ended', async () => {
  const seen: boolean[] = []
  await answersOf(1, (outgoing) => {
    seen.push(outgoing.writableEnded)
    outgoing.end()
    seen.push(outgoing.writableEnded)
  })
  expect(seen).toEqual([false, true])
})

test('what cannot be written ends its own connection only', async () => {
  const waiting: ServerResponse[] = []
  const answers = await answersOf(2, (outgoing) => {
    if (waiting.push(outgoing) < 2) return
    const [bad, good] = waiting
    const content: unknown = 1
    Reflect.apply(bad?.end ?? expect.fail, bad, [content])
    good?.end('good')
  })
  expect(answers.map((answer) => answer.endsWith('good')).sort()).toEqual([false, true])
  expect(answers).toContain('')
  expect(broken).toHaveLength(1)
})
