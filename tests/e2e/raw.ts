import { connect } from 'node:net'
import { inject } from 'vitest'

/** Sends bytes as they are, which no HTTP client would, and answers with all that came back. */
export async function sendRaw(...lines: string[]): Promise<string> {
  const { hostname, port } = new URL(inject('baseUrl'))
  const socket = connect(Number(port), hostname)
  socket.setTimeout(5_000, () => socket.destroy())
  socket.write(lines.join('\r\n'))
  let answer = ''
  try {
    for await (const chunk of socket) answer += chunk
  } catch {
    // A server may cut such a connection off; what it said before is the answer.
  }
  return answer
}
