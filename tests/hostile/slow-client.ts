import { once } from 'node:events'
import { connect } from 'node:net'

/** A client that keeps its connection open as long as possible. */
export type SlowClient = {
  kind: Kind
  begin(): void
  /** The response so far; empty for a client that does not read. */
  answer(): string
  leave(): void
}

const post = (path: string, framing: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`

/** What each kind sends first, and then repeatedly. */
const kinds = {
  'says nothing': { first: '', drop: '' },
  'drips its headers': { first: 'GET /healthz HTTP/1.1\r\nHost: x\r\n', drop: 'X-Drip: 1\r\n' },
  'drips its body': { first: post('/auth/login', 'Content-Length: 9999'), drop: ' ' },
  'drips its chunks': {
    first: post('/auth/login', 'Transfer-Encoding: chunked'),
    drop: '1\r\n \r\n',
  },
  'breaks off': { first: post('/auth/login', 'Content-Length: 9999'), drop: '' },
  // In total larger than the system's buffers for a connection.
  'reads nothing': {
    first: 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(4),
    drop: '',
  },
} as const

export type Kind = keyof typeof kinds

const dripMs = 400

export async function slowClient(url: string, kind: Kind): Promise<SlowClient> {
  const { hostname, port } = new URL(url)
  const { first, drop } = kinds[kind]
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let answer = ''
  let dripping: NodeJS.Timeout | undefined
  // The client expects that its connection is reset.
  socket.on('error', () => undefined)
  socket.once('close', () => clearInterval(dripping))
  if (kind !== 'reads nothing') {
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
  }
  return {
    kind,
    begin() {
      if (first !== '') socket.write(first)
      if (drop !== '') dripping = setInterval(() => socket.writable && socket.write(drop), dripMs)
    },
    answer: () => answer,
    leave: () => void socket.destroy(),
  }
}
