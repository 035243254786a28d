import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { StartError } from '@ego/kit/start-error'

export type Platform = AsyncDisposable & { url: string; folder: string }

const script = fileURLToPath(new URL('../../scripts/startup.sh', import.meta.url))
const startMsMax = 60_000

/** The platform as its users start it, with limits that one address does not reach. */
export async function startPlatform(folder: string): Promise<Platform> {
  const port = await freePort()
  const child = spawn('bash', [script, '--port', String(port), '--data', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      LOG_LEVEL: 'warn',
      EGO_RATE_PER_MINUTE: '100000000',
      EGO_SIGN_IN_RATE_PER_MINUTE: '100000000',
      REGISTRATIONS_PER_HOUR: '100000000',
    },
  })
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  await untilAnswers(`${url}/healthz`, () => child.exitCode !== null)
  return {
    url,
    folder,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function untilAnswers(url: string, hasExited: () => boolean): Promise<void> {
  for (const deadline = Date.now() + startMsMax; Date.now() < deadline; ) {
    if (hasExited()) throw new StartError('The platform ended before it answered.')
    const response = await fetch(url).catch(() => null)
    if (response?.ok) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new StartError(`The platform did not answer within ${startMsMax / 1000} s.`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new StartError('No port is free.')
  return address.port
}
