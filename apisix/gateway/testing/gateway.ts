import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Logger, pino } from 'pino'
import { onTestFinished } from 'vitest'
import { type Gateway, type GatewayOptions, startGateway } from '../gateway.ts'
import type { ServiceFetch } from '../upstream/transport-in-process.ts'

/** For tests: gateways on free ports that stop with the test, and clients that send raw bytes. */

export const realFile = fileURLToPath(new URL('../../apisix.yaml', import.meta.url))

type Logged = Record<string, unknown> & { msg?: string }

export function collectingLog(): { log: Logger; lines: Logged[] } {
  const lines: Logged[] = []
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Logged) })
  return { log, lines }
}

export async function writeGatewayFile(yaml: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ego-gateway-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'apisix.yaml')
  await writeFile(file, `${yaml}\n#END\n`)
  return file
}

/** A gateway for the YAML (or the real apisix.yaml when there is none). */
export async function aGateway(
  options: Partial<GatewayOptions> & { yaml?: string },
): Promise<Gateway & { lines: Logged[]; file: string }> {
  const { log, lines } = collectingLog()
  const file =
    options.file ?? (options.yaml === undefined ? realFile : await writeGatewayFile(options.yaml))
  const gateway = await startGateway({
    environment: {},
    host: '127.0.0.1',
    port: 0,
    log,
    ...options,
    file,
  })
  onTestFinished(() => gateway.drain(0))
  return Object.assign(gateway, { lines, file })
}

/** A node behind a socket. */
export async function aServer(
  handle: RequestListener,
): Promise<{ address: string; close: () => void }> {
  const server = createServer(handle).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  onTestFinished(close)
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** One route, `/*`, to these nodes with their weights. */
export function yamlFor(nodes: Record<string, number>, more = '', seconds = 0.3): string {
  return `
routes:
  - { id: all, uri: /*, upstream_id: app }
upstreams:
  - id: app
    nodes: ${JSON.stringify(nodes)}
    timeout: { connect: 1, send: ${seconds}, read: ${seconds} }
${more}`
}

/** One route, `/*`, to the service `app:1`, with these plugins as indented YAML. */
export function yamlWithPlugins(plugins: string, more = ''): string {
  const indented = plugins.trim().replace(/^/gm, '      ')
  return `
routes:
  - id: only
    uri: /*
    upstream: { nodes: { "app:1": 1 } }
    plugins:
${indented}
${more}`
}

export type Seen = { method: string; url: string; headers: [string, string][]; body: string }

/** A service that remembers what reached it and answers 200. */
export function aService(): { seen: Seen[]; service: ServiceFetch } {
  const seen: Seen[] = []
  const service = async (request: Request) => {
    const headers = [...request.headers]
    seen.push({ method: request.method, url: request.url, headers, body: await request.text() })
    return Response.json({ ok: true })
  }
  return { seen, service }
}

/** Sends bytes as they are and returns all that came back until the socket closed. */
export function sendRaw(url: string, bytes: string, waitMs = 2000): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'))
    let answer = ''
    const timer = setTimeout(() => socket.destroy(), waitMs)
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(answer)
    })
  })
}

export async function until(isTrue: () => boolean, deadlineMs = 5000): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!isTrue()) {
    if (Date.now() > end) throw new Error('What the test waits for did not happen.')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
