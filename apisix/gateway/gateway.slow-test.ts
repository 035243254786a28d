import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { freePort } from '@ego/kit/process/free-port'
import { expect, onTestFinished, test, vi } from 'vitest'
import { GatewayFileError } from './file/load.ts'
import { startGateway } from './gateway.ts'
import {
  aGateway,
  aService,
  collectingLog,
  realFile,
  sendRaw,
  until,
  writeGatewayFile,
  yamlFor,
} from './testing/gateway.ts'

const yaml = (status: number) =>
  `routes:\n  - { id: r, uri: /*, plugins: { fault-injection: { abort: { http_status: ${status} } } } }`

async function expectFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  server.close()
}

test('a changed file is taken over without a restart, written or replaced', async () => {
  const gateway = await aGateway({ yaml: yaml(201) })
  expect((await fetch(gateway.url)).status).toBe(201)
  await writeFile(gateway.file, `${yaml(202)}\n#END\n`)
  await until(() => gateway.lines.some(({ msg }) => msg === 'routes re-read'))
  expect((await fetch(gateway.url)).status).toBe(202)
  await writeFile(`${gateway.file}.new`, `${yaml(203)}\n#END\n`)
  await rename(`${gateway.file}.new`, gateway.file)
  await until(() => gateway.lines.filter(({ msg }) => msg === 'routes re-read').length >= 2)
  expect((await fetch(gateway.url)).status).toBe(203)
})

test('a bad file keeps the old routes and one line says why', async () => {
  const gateway = await aGateway({ yaml: yaml(201) })
  await writeFile(gateway.file, `${yaml(202).replace('uri', 'url')}\n#END\n`)
  await until(() => gateway.lines.some(({ msg }) => msg?.startsWith('The old routes stay')))
  const line = gateway.lines.find(({ msg }) => msg?.startsWith('The old routes stay'))
  expect(line?.msg).toContain(':2:14 routes[0].url')
  expect(line?.msg).not.toContain('\n')
  expect((await fetch(gateway.url)).status).toBe(201)
})

test('counts of a limit go on over a reload that does not touch it, and end with the limit', async () => {
  const route = 'id: r, uri: /*, upstream: { nodes: { "app:1": 1 } }'
  const free = `routes:\n  - { ${route} }`
  const limited = `routes:\n  - { ${route}, plugins: { limit-count: { count: 1, time_window: 60 } } }`
  const more = `${limited}\n  - { id: more, uri: /x, upstream: { nodes: { "app:1": 1 } } }`
  const gateway = await aGateway({ yaml: limited, inProcess: { 'app:1': aService().service } })
  const statusAfter = async (text: string) => {
    gateway.lines.length = 0
    await writeFile(gateway.file, `${text}\n#END\n`)
    await until(() => gateway.lines.some(({ msg }) => msg === 'routes re-read'))
    return (await fetch(gateway.url)).status
  }
  expect((await fetch(gateway.url)).status).toBe(200)
  expect(await statusAfter(more)).toBe(503)
  expect(await statusAfter(free)).toBe(200)
  expect(await statusAfter(limited)).toBe(200)
})

test('a bad file stops the start and nothing listens', async () => {
  const port = await freePort()
  await expect(aGateway({ yaml: 'routes: 1', port })).rejects.toThrow(/apisix\.yaml:1:1 routes/)
  await expectFree(port)
})

test('a missing file is told in a sentence', async () => {
  const start = aGateway({ file: '/no/such/apisix.yaml' })
  await expect(start).rejects.toBeInstanceOf(GatewayFileError)
  await expect(start).rejects.toThrow('/no/such/apisix.yaml cannot be read: it does not exist.')
})

test('a taken port rejects with the error of listen itself', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  await expect(aGateway({ yaml: yaml(200), port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
    port,
  })
})

test('a start that fails at its last step leaves no listener and no health check behind', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const metricsPort = await freePort()
  const checked = yamlFor({ '127.0.0.1:1': 1 }, '    checks: { active: {} }')
  await expect(aGateway({ yaml: checked, port, metricsPort })).rejects.toMatchObject({ port })
  expect(vi.getTimerCount()).toBe(0)
  await expectFree(metricsPort)
})

test('draining, also twice, lets a running request finish and takes no new one', async () => {
  let release = () => undefined as unknown
  const service = () =>
    new Promise<Response>((resolve) => {
      release = () => resolve(new Response('done'))
    })
  const routes = 'routes:\n  - { id: r, uri: /*, upstream: { nodes: { "app:1": 1 } } }'
  const { log } = collectingLog()
  const file = await writeGatewayFile(routes)
  const gateway = await startGateway({
    ...{ file, log, host: '127.0.0.1', port: 0, environment: {} },
    inProcess: { 'app:1': service },
  })
  const running = fetch(gateway.url)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const drained = gateway.drain(5000)
  let isDrainedAgain = false
  const drainedAgain = gateway[Symbol.asyncDispose]().then(() => {
    isDrainedAgain = true
  })
  await expect(fetch(gateway.url)).rejects.toThrow()
  expect(isDrainedAgain).toBe(false)
  release()
  expect(await (await running).text()).toBe('done')
  const begin = performance.now()
  await Promise.all([drained, drainedAgain])
  expect(performance.now() - begin).toBeLessThan(1000)
})

test('a request over a kept connection during a drain is told that it is the last one', async () => {
  const services: (() => void)[] = []
  const gateway = await aGateway({
    yaml: 'routes:\n  - { id: r, uri: /*, upstream: { nodes: { "app:1": 1 } } }',
    inProcess: {
      'app:1': () => new Promise((resolve) => services.push(() => resolve(new Response('done')))),
    },
  })
  const { port } = new URL(gateway.url)
  const socket = connect(Number(port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const answers = text(socket)
  const ask = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
  socket.write(ask)
  await until(() => services.length === 1)
  const drained = gateway.drain(5000)
  socket.write(ask)
  services[0]?.()
  await until(() => services.length === 2)
  services[1]?.()
  const [, , last] = (await answers).split('HTTP/1.1 ')
  expect(last?.toLowerCase()).toContain('connection: close')
  await drained
})

test('answers without a body stay without one', async () => {
  const service = (request: Request) =>
    new URL(request.url).pathname === '/204'
      ? new Response(null, { status: 204 })
      : new Response(request.method === 'HEAD' ? null : 'body', {
          headers: { 'Content-Length': '4' },
        })
  const routes = 'routes:\n  - { id: r, uri: /*, upstream: { nodes: { "app:1": 1 } } }'
  const gateway = await aGateway({ yaml: routes, inProcess: { 'app:1': service } })
  const close = 'Host: x\r\nConnection: close\r\n\r\n'
  const head = await sendRaw(gateway.url, `HEAD / HTTP/1.1\r\n${close}`)
  expect(head).toMatch(/content-length: 4\r\n/)
  expect(head).toMatch(/\r\n\r\n$/)
  const empty = await sendRaw(gateway.url, `GET /204 HTTP/1.1\r\n${close}`)
  expect(empty).toMatch(/^HTTP\/1\.1 204 /)
  expect(empty).not.toMatch(/content-length|transfer-encoding/i)
})

test('one line tells about a request, without its query and without health checks', async () => {
  const { service } = aService()
  const auth = () => new Response(null, { status: 204, headers: { 'X-User-ID': '7' } })
  const gateway = await aGateway({ inProcess: { 'auth:3001': auth, 'users:3002': service } })
  await fetch(`${gateway.url}/healthz`)
  await fetch(`${gateway.url}/users/me?token=secret`, { headers: { 'X-Request-Id': 'id-1' } })
  await until(() => gateway.lines.length > 0)
  expect(gateway.lines).toEqual([
    expect.objectContaining({
      ...{ msg: 'request', method: 'GET', path: '/users/me', status: 200, route: 'users-me' },
      ...{ request_id: 'id-1', client_ip: '127.0.0.1', user_id: '7' },
      duration_ms: expect.any(Number),
    }),
  ])
  expect(JSON.stringify(gateway.lines)).not.toContain('secret')
})

test('the gateway answers for itself and sends / to the docs', async () => {
  const gateway = await aGateway({})
  expect(await (await fetch(`${gateway.url}/healthz`)).json()).toEqual({ status: 'ok' })
  const home = await fetch(gateway.url, { redirect: 'manual' })
  expect([home.status, home.headers.get('location')]).toEqual([302, '/docs'])
})

test('main runs the engine alone and ends on SIGTERM', async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const environment = { ...process.env, EGO_PORT: '0', EGO_ROUTES: realFile }
  const child = spawn(process.execPath, [main], { env: environment })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  await until(() => output.includes('"listening"'), 10_000)
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? ''
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
})
