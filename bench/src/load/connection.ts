import { once } from 'node:events'
import { connect } from 'node:net'
import { type Answer, type Ask, parseAnswer, requestText } from './answer.ts'

/** One kept-alive connection that asks one thing after the other. */
export type Connection = Disposable & { ask(ask: Ask): Promise<Answer> }

/** Sockets as they are: an HTTP client of Node would cost more than many a server that is measured. */
export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  let arrived = ''
  let waiting: PromiseWithResolvers<Answer> | null = null
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    arrived += text
    const found = parseAnswer(arrived)
    if (!found) return
    arrived = arrived.slice(found.length)
    waiting?.resolve(found.answer)
  })
  socket.on('error', (error) => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error(`${url} has closed the connection.`)))
  return {
    ask(ask) {
      waiting = Promise.withResolvers<Answer>()
      socket.write(requestText(host, ask))
      return waiting.promise
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}
