import { runMain } from '@ego/kit/http/service'
import { createLog } from '@ego/kit/process/log'
import { loadConfig } from './config.ts'
import { startGateway } from './gateway.ts'

const drainMs = 8_000

await runMain(async () => {
  const config = loadConfig()
  const log = createLog('gateway', config.LOG_LEVEL)
  const gateway = await startGateway({
    file: config.EGO_ROUTES,
    environment: process.env,
    host: config.EGO_HOST,
    port: config.EGO_PORT,
    metricsPort: config.EGO_METRICS_PORT,
    log,
  })
  log.info({ url: gateway.url, metrics_url: gateway.metricsUrl }, 'listening')
  return { [Symbol.asyncDispose]: () => gateway.drain(drainMs) }
})
