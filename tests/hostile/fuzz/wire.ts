import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** A request as it is sent. */
export type Wire = {
  method: string
  target: string
  headers: Readonly<Record<string, string>>
  body: Buffer | null
  isChunked: boolean
}

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer }

/** Far longer than any answer takes, so that a busy machine does not look like a hanging service. */
const answerMsMax = 20_000

export type Send = (wire: Wire) => Promise<Answer>

/** Sends requests over kept-alive connections. A connection that breaks off is an error. */
export function sender(baseUrl: string): Send & Disposable {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(baseUrl)
  const send: Send = ({ method, target, headers, body, isChunked }) =>
    new Promise((resolve, reject) => {
      const outgoing = httpRequest({
        ...{ agent, hostname, port, method, path: target },
        headers: { ...headers, ...framing(body, isChunked) },
        timeout: answerMsMax,
      })
      outgoing.on('error', reject)
      outgoing.on('timeout', () => outgoing.destroy(new Error('No data arrived for too long.')))
      outgoing.on('response', (incoming) => {
        const { statusCode: status = 0, headers } = incoming
        buffer(incoming).then((body) => resolve({ status, headers, body }), reject)
      })
      if (body && isChunked) outgoing.write(body.subarray(0, 1))
      outgoing.end(body && isChunked ? body.subarray(1) : (body ?? undefined))
    })
  return Object.assign(send, { [Symbol.dispose]: () => agent.destroy() })
}

/** Set explicitly, because Node would send the body of a DELETE without any framing. */
function framing(body: Buffer | null, isChunked: boolean): Record<string, string> {
  if (!body) return {}
  return isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) }
}

const shownMax = 1_500

/** The same request as a curl command. */
export function asCurl(
  baseUrl: string,
  { method, target, headers, body, isChunked }: Wire,
): string {
  const chunked = isChunked ? ['transfer-encoding: chunked'] : []
  const lines = [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), ...chunked]
  const command = [
    `curl -i --path-as-is -g -X ${method} ${quoted(`${baseUrl}${target}`)}`,
    ...lines.map((line) => `-H ${quoted(line)}`),
    ...(body ? [`--data-binary ${quoted(body.toString('latin1'))}`] : []),
  ].join(' ')
  return command.length <= shownMax ? command : `${command.slice(0, shownMax)}… (cut)`
}

/** Quotes for bash as $'…', with every byte escaped that is not plain. */
function quoted(latin1: string): string {
  const escaped = latin1.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the controls are what must be escaped
    /[\x00-\x1f'\\\x7f-\xff]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return escaped === latin1 ? `'${latin1}'` : `$'${escaped}'`
}
