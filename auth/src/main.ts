import { memoryBus } from '@ego/kit/bus-memory'
import { createLog } from '@ego/kit/log'
import { runMain, runService } from '@ego/kit/service'
import { loadConfig } from './config.ts'
import { wireAuth } from './wire.ts'

await runMain(async () => {
  const config = loadConfig()
  const log = createLog('auth', config.LOG_LEVEL)
  const service = await wireAuth(config, { log, bus: memoryBus() })
  await runService({ service, host: config.HOST, port: config.PORT, log })
})
