import type { Log } from '../process/log.ts'
import type { KeyValue } from './key-value.ts'
import { memoryKeyValue } from './key-value-memory.ts'

type Options = {
  config: { REDIS_URL?: string | undefined }
  service: string
  log: Log
  resources: AsyncDisposableStack
  /** How long Redis may take to answer. */
  timeoutMs?: number
}

/** `checks` are for readiness; the memory of this process needs none. */
type Opened = { keyValue: KeyValue; checks: Record<string, () => Promise<void>> }

/** Opens the Redis that `REDIS_URL` names; without it, values live in the memory of this process. */
export async function openKeyValue(options: Options): Promise<Opened> {
  const { config, service, log, resources, ...limits } = options
  if (!config.REDIS_URL) return { keyValue: memoryKeyValue(), checks: {} }
  const { connectRedis } = await import('./redis/connection.ts')
  const { redisKeyValue } = await import('./redis/key-value-redis.ts')
  const connecting = connectRedis(config.REDIS_URL, { log, purpose: 'key-value', ...limits })
  const redis = resources.use(await connecting)
  return { keyValue: redisKeyValue({ redis, service }), checks: { redis: redis.check } }
}
