import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { answersPing, redisCommand } from '../engines/redis.ts'
import { newKey } from './environment.ts'
import type { OnEnd, Part } from './part.ts'
import { processPart } from './process-part.ts'

type Options = { folder: string; port: number; onEnd: OnEnd }

/** One Redis that keeps its data on disk. */
export async function redisPart({
  folder: runFolder,
  port,
  onEnd,
}: Options): Promise<Part & { url: string }> {
  const password = newKey()
  const folder = join(runFolder, 'redis')
  await mkdir(folder, { recursive: true })
  const part = processPart({
    ...(await redisCommand({ port, password, folder })),
    name: 'redis',
    address: `127.0.0.1:${port}`,
    cwd: folder,
    logPath: join(runFolder, 'redis.log'),
    isReady: () => answersPing({ port, password }),
    onEnd,
  })
  return { ...part, url: `redis://:${password}@127.0.0.1:${port}` }
}
