import { createLog } from '@ego/kit/log'
import { drainMsMax, runMain } from '@ego/kit/service'
import { banner } from './banner.ts'
import { loadConfig } from './config.ts'
import { type Platform, startPlatform } from './platform.ts'

await runMain(async () => {
  const config = loadConfig()
  const platform = await startPlatform({
    config,
    environment: process.env,
    log: createLog('gateway', config.LOG_LEVEL),
    serviceLog: createLog('ego', config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL),
    onFailure: (reason) => {
      process.stderr.write(`${reason}\n`)
      process.exitCode = 1
      process.kill(process.pid, 'SIGTERM')
    },
  })
  process.stdout.write(banner(platform, process.uptime()))
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop(platform))
})

async function stop(platform: Platform): Promise<void> {
  // What has not ended by then is cut off; Postgres recovers from that as from any crash.
  setTimeout(() => process.exit(1), drainMsMax).unref()
  await platform[Symbol.asyncDispose]()
  process.exit()
}
