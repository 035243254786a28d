import { runMain, serveService } from '@ego/kit/http/service'
import { createLog } from '@ego/kit/process/log'
import { loadConfig } from './config.ts'
import { wirePosts } from './wire.ts'

await runMain(async () => {
  const config = loadConfig()
  const log = createLog('posts', config.LOG_LEVEL)
  const service = await wirePosts(config, { log, fetch })
  return serveService({ service, host: config.HOST, port: config.PORT, log })
})
