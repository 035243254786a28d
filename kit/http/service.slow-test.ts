import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLog } from '../process/log.ts'
import { createMetrics } from '../process/metrics.ts'
import { createApp } from './app.ts'
import { ownedService, serveService } from './service.ts'

const log = createLog('test', 'silent')

it('clients with kept-alive connections get their responses and do not delay the stop', async () => {
  const metrics = createMetrics('test')
  const app = createApp({ log, metrics, callers: { find: async () => null } })
  app.get('/slow', async (c) => {
    await sleep(100)
    return c.json({ done: true })
  })
  let isClosed = false
  const resources = new AsyncDisposableStack()
  resources.defer(() => {
    isClosed = true
  })
  const service = ownedService({ app, metrics }, resources, () => new AsyncDisposableStack())
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const running = await serveService({ service, host: '127.0.0.1', port, log })
  const statuses: number[] = []
  let isStopped = false
  const clients = Array.from({ length: 4 }, async () => {
    while (!isStopped) {
      const response = await fetch(`http://127.0.0.1:${port}/slow`).catch(() => null)
      if (!response) return
      await response.json()
      statuses.push(response.status)
    }
  })
  await expect.poll(() => statuses.length).toBeGreaterThan(8)
  const startedAt = performance.now()
  await running[Symbol.asyncDispose]()
  expect(performance.now() - startedAt).toBeLessThan(4_000)
  isStopped = true
  await Promise.all(clients)
  expect(isClosed).toBe(true)
  expect(new Set(statuses)).toEqual(new Set([200]))
})

it('a start that hangs still ends on a signal', async () => {
  const program = `
    import { runMain } from ${JSON.stringify(new URL('service.ts', import.meta.url).href)}
    setInterval(() => {}, 1_000)
    await runMain(async () => {
      process.stdout.write('starting')
      return new Promise(() => {})
    }, 100)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program])
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([1, null])
})
