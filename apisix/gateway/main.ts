import { createLog } from '@ego/kit/log'
import { drainMsMax, runMain } from '@ego/kit/service'
import { loadConfig } from './config.ts'
import { startGateway } from './gateway.ts'

await runMain(async () => {
  const config = loadConfig()
  const log = createLog('gateway', config.LOG_LEVEL)
  const gateway = await startGateway({
    file: config.EGO_ROUTES,
    environment: process.env,
    host: config.EGO_HOST,
    port: config.EGO_PORT,
    log,
  })
  log.info({ url: gateway.url }, 'listening')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void gateway.drain(drainMsMax).then(() => process.exit(0)))
  }
})
