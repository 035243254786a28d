import { connect } from 'node:net'
import { inject } from 'vitest'

/** Sends raw bytes, which an HTTP client would not allow, and resolves with everything that came back. */
export async function sendRaw(...lines: string[]): Promise<string> {
  const { hostname, port } = new URL(inject('baseUrl'))
  const socket = connect(Number(port), hostname)
  socket.setTimeout(5_000, () => socket.destroy())
  socket.write(lines.join('\r\n'))
  let answer = ''
  try {
    for await (const chunk of socket) answer += chunk
  } catch {
    // A server may close such a connection after its answer.
  }
  return answer
}
