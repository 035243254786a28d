import { repeatFor, serveJob } from '../platform/job.ts'
import type { Answer } from './answer.ts'
import { type Connection, openConnection } from './connection.ts'
import { loadJobSchema } from './load-job.ts'
import { type Script, scriptOf } from './load-script.ts'

type Client = () => Promise<void>

await serveJob(loadJobSchema, async ({ url, connections, seconds, work }) => {
  await using opened = new AsyncDisposableStack()
  const clients: Client[] = []
  for (let index = 0; index < connections; index += 1) {
    const connection = opened.use(await openConnection(url))
    clients.push(clientOf(connection, scriptOf(work, index)))
  }
  return await repeatFor(seconds, connections, async (index) => clients[index]?.())
})

/** Asks one thing at each call; any answer but 2xx ends the job. */
function clientOf(connection: Connection, script: Script): Client {
  let previous: Answer | null = null
  return async () => {
    const ask = script(previous)
    previous = await connection.ask(ask)
    const { status, body } = previous
    if (status < 200 || status > 299) throw new Error(`${ask.path} answered ${status}: ${body}`)
  }
}
