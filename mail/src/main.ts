import { runMain, serveService } from '@ego/kit/http/service'
import { createLog } from '@ego/kit/process/log'
import { loadConfig } from './config.ts'
import { wireMail } from './wire.ts'

await runMain(async () => {
  const config = loadConfig()
  const log = createLog('mail', config.LOG_LEVEL)
  const service = await wireMail(config, { log })
  return serveService({ service, host: config.HOST, port: config.PORT, log })
})
