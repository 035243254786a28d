import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ClientTimeouts } from '@ego/gateway/http/server'
import { z } from 'zod'
import type { DatabaseUrls } from './wire-platform.ts'

/** The memory and handles of the process after a garbage collection, and the peak since the last measurement. */
const measured = z.object({
  bytes: z.number(),
  bytesPeak: z.number(),
  descriptors: z.number(),
  descriptorsPeak: z.number(),
})
const ready = z.object({ url: z.string() })

export type Start = { databases: DatabaseUrls; folder: string; timeouts: ClientTimeouts }

const program = fileURLToPath(new URL('serve-platform.ts', import.meta.url))

/** Starts the platform in its own process, so that its memory can be measured without that of its clients. */
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
