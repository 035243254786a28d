import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { releaseAnswers, TogetherResponse } from './together-response.ts'

async function served(handle: (outgoing: ServerResponse) => void) {
  const server = createServer({ ServerResponse: TogetherResponse }, (_, outgoing) => {
    outgoing.setHeader('connection', 'close')
    handle(outgoing)
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n')
  return text(socket)
}

test('answers leave whole, once the turn in which they were ready is over', async () => {
  const seen: boolean[] = []
  const answer = await served((outgoing) => {
    outgoing.end('first and last')
    seen.push(outgoing.writableEnded)
    setImmediate(() => setImmediate(() => seen.push(outgoing.writableEnded)))
  })
  expect(answer).toMatch(/^HTTP\/1\.1 200 .+first and last$/s)
  expect(seen).toEqual([false, true])
})

test('an answer can be let go before its turn is over', async () => {
  const seen: boolean[] = []
  await served((outgoing) => {
    outgoing.end()
    releaseAnswers()
    seen.push(outgoing.writableEnded)
  })
  expect(seen).toEqual([true])
})
