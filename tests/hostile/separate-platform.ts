import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ClientTimeouts } from '@ego/gateway/http/server'
import { z } from 'zod'
import type { DatabaseUrls } from './wire-platform.ts'

/** What the process holds, once the garbage is gone, and the most that it held since it was last asked. */
const measured = z.object({
  bytes: z.number(),
  bytesPeak: z.number(),
  descriptors: z.number(),
  descriptorsPeak: z.number(),
})
const ready = z.object({ url: z.string() })

export type Start = { databases: DatabaseUrls; folder: string; timeouts: ClientTimeouts }

const program = fileURLToPath(new URL('serve-platform.ts', import.meta.url))

/** The platform in a process of its own, so that what it costs can be told from what its clients cost. */
export async function startSeparately(start: Start) {
  const child = fork(program, [JSON.stringify(start)], { execArgv: ['--expose-gc'] })
  const exited = once(child, 'exit')
  const hear = async <T>(schema: z.ZodType<T>) => {
    const [message] = await once(child, 'message')
    return schema.parse(message)
  }
  const { url } = await hear(ready)
  return {
    url,
    measure() {
      child.send('measure')
      return hear(measured)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
