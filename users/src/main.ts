import { runMain, serveService } from '@ego/kit/http/service'
import { createLog } from '@ego/kit/process/log'
import { loadConfig } from './config.ts'
import { wireUsers } from './wire.ts'

await runMain(async () => {
  const config = loadConfig()
  const log = createLog('users', config.LOG_LEVEL)
  const service = await wireUsers(config, { log, fetch })
  return serveService({ service, host: config.HOST, port: config.PORT, log })
})
