import { StartError } from '../../kit/process/start-error.ts'
import { EngineMissing } from '../engines/engine.ts'
import type { Server } from '../engines/server.ts'
import type { OnEnd, Part } from './part.ts'

type Options = { name: string; address: string; start(): Promise<Server>; onEnd: OnEnd }

/** An engine of the adapter tests that keeps its data. */
export function serverPart({ name, address, start, onEnd }: Options): Part {
  let running: Server | null = null
  return {
    name,
    address,
    async start() {
      const server = await start().catch(explain(name))
      running = server
      server.ended.then(() => {
        if (running === server) onEnd(`${name} ended by itself.`)
      }, onEnd)
    },
    async stop(ending) {
      const server = running
      running = null
      if (ending === 'killed' && server) process.kill(server.pid, 'SIGKILL')
      await server?.[Symbol.asyncDispose]()
    },
  }
}

function explain(name: string) {
  return (error: unknown): never => {
    if (!(error instanceof EngineMissing)) throw error
    throw new StartError(`${name} is required but not available here: ${error.message}.`)
  }
}
