import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { aGateway, aServer, sendRaw, until, yamlFor } from '../testing/gateway.ts'

test('an answer that breaks off cuts its connection instead of looking whole, and the next one is whole', async () => {
  const { address } = await aServer((incoming, outgoing) => {
    if (incoming.url === '/whole') return outgoing.end('whole')
    outgoing.write('half')
    setTimeout(() => outgoing.destroy(), 50)
  })
  const half = () =>
    new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from('half'))
        await new Promise((resolve) => setTimeout(resolve, 50))
        controller.error(new Error('broken'))
      },
    })
  const failing = ({ url }: Request) => new Response(url.endsWith('/whole') ? 'whole' : half())
  for (const node of [address, 'app:1']) {
    const gateway = await aGateway({
      yaml: yamlFor({ [node]: 1 }),
      inProcess: { 'app:1': failing },
    })
    const answer = await sendRaw(gateway.url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(answer).toContain('half')
    expect(answer).not.toMatch(/\r\n0\r\n\r\n$/)
    const cut = fetch(gateway.url, { signal: AbortSignal.timeout(1500) }).then((it) => it.text())
    await expect(cut).rejects.toThrow('terminated')
    expect(await (await fetch(`${gateway.url}/whole`)).text()).toBe('whole')
  }
})

test('the upstream is stopped when the client leaves', async () => {
  let isClosed = false
  const { address } = await aServer((incoming, outgoing) => {
    outgoing.write('x')
    incoming.socket.once('close', () => {
      isClosed = true
    })
  })
  let isCancelled = false
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: async (controller) => {
          await new Promise((resolve) => setTimeout(resolve, 5))
          controller.enqueue(Buffer.alloc(1024))
        },
        cancel: () => {
          isCancelled = true
        },
      }),
    )
  for (const node of [address, 'app:1']) {
    const gateway = await aGateway({
      yaml: yamlFor({ [node]: 1 }, '', 60),
      inProcess: { 'app:1': endless },
    })
    const response = await fetch(gateway.url)
    await response.body?.cancel()
    await until(() => (node === address ? isClosed : isCancelled))
    await until(() => gateway.lines.some(({ status }) => status === 499))
  }
})

test('a client that leaves before the answer aborts the request of a service', async () => {
  let signal: AbortSignal | undefined
  const service = (request: Request) => {
    signal = request.signal
    return new Promise<Response>(() => undefined)
  }
  const gateway = await aGateway({
    yaml: yamlFor({ 'app:1': 1 }, '', 60),
    inProcess: { 'app:1': service },
  })
  const outgoing = httpRequest(gateway.url).on('error', () => undefined)
  outgoing.end()
  await until(() => signal !== undefined)
  outgoing.destroy()
  await until(() => signal?.aborted === true)
})

test('bodies stream both ways while they are still being sent', async () => {
  const { address } = await aServer((incoming, outgoing) => void incoming.pipe(outgoing))
  const echo = (request: Request) => new Response(request.body)
  for (const node of [address, 'app:1']) {
    const gateway = await aGateway({ yaml: yamlFor({ [node]: 1 }), inProcess: { 'app:1': echo } })
    const up = new Readable({ read: () => undefined })
    const outgoing = httpRequest(gateway.url, { method: 'POST' })
    let down = ''
    outgoing.on('response', (incoming) => incoming.on('data', (chunk) => (down += chunk)))
    up.pipe(outgoing)
    up.push('first')
    await until(() => down === 'first')
    up.push('second')
    await until(() => down === 'firstsecond')
    up.push(null)
  }
})

test('a large answer arrives whole at a slow client without filling the memory', async () => {
  let sent = 0
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => {
          sent += 64 * 1024
          controller.enqueue(Buffer.alloc(64 * 1024))
        },
      }),
    )
  const gateway = await aGateway({ yaml: yamlFor({ 'app:1': 1 }), inProcess: { 'app:1': endless } })
  const reader = (await fetch(gateway.url)).body?.getReader()
  await reader?.read()
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(sent).toBeLessThan(32 * 1024 * 1024)
  await reader?.cancel()
})
