import { rm } from 'node:fs/promises'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { loadGatewayFile } from '../file/load.ts'
import { createMetrics } from '../monitoring/metrics.ts'
import { collectingLog, writeGatewayFile, yamlFor } from '../testing/gateway.ts'
import type { Transport } from '../upstream/transport.ts'
import { openTable } from './live-table.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
})

const checked = yamlFor({ 'a:1': 1 }, '    checks: { active: {} }')

/** Every node is remote and never answers. */
async function aTable(yaml = checked, refused = '', load = loadGatewayFile) {
  const { log, lines } = collectingLog()
  const file = await writeGatewayFile(yaml)
  const transportTo = ({ host }: URL): Transport => {
    if (host === refused) throw new Error('refused')
    return { name: host, isRemote: true, send: () => new Promise(() => undefined) }
  }
  const context = { log, now: Date.now, metrics: createMetrics(), transportTo }
  return { open: () => openTable({ file, environment: {}, log, load }, context), file, lines }
}

test('reloads at once follow each other, and one set of health checks remains', async () => {
  let running = 0
  const { open, lines } = await aTable(checked, '', async (...given) => {
    running += 1
    expect(running).toBe(1)
    const loaded = await loadGatewayFile(...given)
    running -= 1
    return loaded
  })
  const table = await open()
  expect(vi.getTimerCount()).toBe(1)
  await Promise.all([table.reload(), table.reload(), table.reload()])
  expect(lines.filter(({ msg }) => msg === 'routes re-read')).toHaveLength(3)
  expect(vi.getTimerCount()).toBe(1)
  await table[Symbol.asyncDispose]()
  expect(vi.getTimerCount()).toBe(0)
})

test('a reload that is under way when the table closes takes nothing over', async () => {
  const { open, lines } = await aTable()
  const table = await open()
  const before = table.current
  const reloaded = table.reload()
  await table[Symbol.asyncDispose]()
  await reloaded
  expect(table.current).toBe(before)
  expect(lines).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test('a file that cannot be compiled leaves no health check running', async () => {
  const guarded = checked.replace(
    'upstream_id: app }',
    'upstream_id: app, plugins: { forward-auth: { uri: "http://auth:1/" } } }',
  )
  const { open } = await aTable(guarded, 'auth:1')
  await expect(open()).rejects.toThrow('refused')
  expect(vi.getTimerCount()).toBe(0)
})

test('a missing file keeps the routes and one line says why', async () => {
  const { open, file, lines } = await aTable()
  await using table = await open()
  await rm(file)
  await table.reload()
  expect(lines.map(({ msg }) => msg)).toEqual([
    `The old routes stay in force: ${file} cannot be read: it does not exist.`,
  ])
})
