import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** A request as it travels. */
export type Wire = {
  method: string
  target: string
  headers: Readonly<Record<string, string>>
  body: Buffer | null
  isChunked: boolean
}

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer }

/** Far more than any answer takes here, so that a busy machine is no hanging service. */
const answerMsMax = 20_000

export type Send = (wire: Wire) => Promise<Answer>

/** Sends over connections that are kept; one that breaks off is an error like any other. */
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
      outgoing.on('timeout', () => outgoing.destroy(new Error('Nothing came for too long.')))
      outgoing.on('response', (incoming) => {
        const { statusCode: status = 0, headers } = incoming
        buffer(incoming).then((body) => resolve({ status, headers, body }), reject)
      })
      if (body && isChunked) outgoing.write(body.subarray(0, 1))
      outgoing.end(body && isChunked ? body.subarray(1) : (body ?? undefined))
    })
  return Object.assign(send, { [Symbol.dispose]: () => agent.destroy() })
}

/** Said by us for each of them: without it, Node sends the body of a DELETE with no frame at all. */
function framing(body: Buffer | null, isChunked: boolean): Record<string, string> {
  if (!body) return {}
  return isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) }
}

const shownMax = 1_500

/** The same request as somebody would type it. */
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

/** As bash reads it: $'…' with every byte that is not plain escaped. */
function quoted(latin1: string): string {
  const escaped = latin1.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the controls are what must be escaped
    /[\x00-\x1f'\\\x7f-\xff]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return escaped === latin1 ? `'${latin1}'` : `$'${escaped}'`
}
