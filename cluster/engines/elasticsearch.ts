import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../kit/process/free-port.ts'
import { elasticsearchHome } from './elasticsearch-home.ts'
import type { Engine } from './engine.ts'
import { jarsFolder } from './maven-jars.ts'
import { answersOk, startServer } from './server.ts'

const version = '8.19.21'
const launcher = fileURLToPath(new URL('elasticsearch-node.java', import.meta.url))

export const elasticsearch: Engine = {
  name: 'elasticsearch',
  adapter: 'elasticsearch',
  isBuilt: () => existsSync(jarsFolder({ name: 'elasticsearch', version })),
  async start(signal) {
    const home = await elasticsearchHome(version, signal)
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const server = await startServer(
      'elasticsearch',
      async (folder) => ({
        command: 'java',
        args: [
          ...['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
          ...['-cp', join(home, 'lib', '*'), launcher],
          ...[home, folder, `${port}`],
        ],
        env: {},
      }),
      () => answersOk(`${url}/_cluster/health`),
    )
    return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  },
}
