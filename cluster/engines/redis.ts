import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../kit/process/free-port.ts'
import { type Engine, EngineMissing } from './engine.ts'
import { type Command, startServer } from './server.ts'

const command = 'redis-server'

export const redis: Engine = {
  name: 'redis',
  adapter: 'redis',
  async start() {
    await checkRedis()
    const port = await freePort()
    const password = randomBytes(16).toString('hex')
    const server = await startServer(
      'redis',
      (folder) => redisCommand({ port, password, folder }),
      () => answersPing({ port, password }),
    )
    const url = `redis://:${password}@127.0.0.1:${port}`
    return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  },
}

/** Throws an EngineMissing when Redis is not installed. */
async function checkRedis(): Promise<void> {
  await promisify(execFile)(command, ['--version']).catch(() => {
    throw new EngineMissing(`no ${command}`)
  })
}

type Place = { port: number; password: string; folder: string }

/** The command for a Redis that keeps its data in the folder for the next start. */
export async function redisCommand(place: Place): Promise<Command> {
  const path = join(place.folder, 'redis.conf')
  // In a file, because every user can read the arguments of a process.
  await writeFile(path, configOf(place), { mode: 0o600 })
  return { command, args: [path], env: {} }
}

function configOf({ port, password, folder }: Place): string {
  return `bind 127.0.0.1
port ${port}
requirepass ${password}
dir ${folder}
appendonly yes
appendfsync always
`
}

export async function answersPing({ port, password }: Omit<Place, 'folder'>): Promise<boolean> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  try {
    await once(socket, 'connect')
    socket.write(`AUTH ${password}\r\nPING\r\n`)
    let answer = ''
    for await (const text of socket) {
      answer += text
      // While it loads its data it answers with an error.
      if (answer.split('\r\n').length > 2) return answer.includes('+PONG')
    }
    return false
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
