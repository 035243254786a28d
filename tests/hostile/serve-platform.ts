import { readdirSync } from 'node:fs'
import { createLog } from '@ego/kit/process/log'
import type { Start } from './separate-platform.ts'
import { wirePlatform } from './wire-platform.ts'

const start: Start = JSON.parse(process.argv[2] ?? '')
const sampleMs = 100

const resources = new AsyncDisposableStack()
const log = createLog('gateway', 'error')
const { gateway } = await wirePlatform({ ...start, resources, log })

const peak = { bytes: 0, descriptors: 0 }
function sample() {
  const now = {
    bytes: process.memoryUsage.rss(),
    descriptors: readdirSync('/proc/self/fd').length,
  }
  peak.bytes = Math.max(peak.bytes, now.bytes)
  peak.descriptors = Math.max(peak.descriptors, now.descriptors)
  return now
}
const sampling = setInterval(sample, sampleMs)

process.on('message', () => {
  globalThis.gc?.()
  const now = sample()
  process.send?.({ ...now, bytesPeak: peak.bytes, descriptorsPeak: peak.descriptors })
  Object.assign(peak, now)
})
process.once('SIGTERM', async () => {
  clearInterval(sampling)
  await resources.disposeAsync()
  process.disconnect()
})
process.send?.({ url: gateway.url })
