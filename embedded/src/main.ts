import { runMain } from '@ego/kit/http/service'
import { createLog } from '@ego/kit/process/log'
import { banner } from './banner.ts'
import { loadConfig } from './config.ts'
import { startPlatform } from './platform.ts'

await runMain(async (stop) => {
  const config = loadConfig()
  const platform = await startPlatform({
    config,
    environment: process.env,
    log: createLog('gateway', config.LOG_LEVEL),
    serviceLog: createLog(null, config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL),
    onFailure: stop.fail,
  })
  process.stdout.write(banner(platform, process.uptime()))
  platform.noteShown()
  return platform
})
