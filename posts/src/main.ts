import { memoryBus } from '@ego/kit/bus-memory'
import { createLog } from '@ego/kit/log'
import { runMain, runService } from '@ego/kit/service'
import { loadConfig } from './config.ts'
import { wirePosts } from './wire.ts'

await runMain(async () => {
  const config = loadConfig()
  const log = createLog('posts', config.LOG_LEVEL)
  const service = await wirePosts(config, { log, bus: memoryBus(), fetch })
  await runService({ service, host: config.HOST, port: config.PORT, log })
})
