import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { freePort } from '../../kit/process/free-port.ts'

declare module 'vitest' {
  interface ProvidedContext {
    baseUrl: string
  }
}

const startMsMax = 30_000
const script = fileURLToPath(new URL('../../scripts/startup.sh', import.meta.url))

/** Uses the platform at E2E_BASE_URL. Without it, starts the embedded platform like a user would. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.E2E_BASE_URL
  if (given) {
    project.provide('baseUrl', given.replace(/\/$/, ''))
    return async () => {}
  }
  const folder = await mkdtemp(join(tmpdir(), 'ego e2e '))
  const port = await freePort()
  const platform = spawn('bash', [script, '--port', String(port), '--data', join(folder, 'data')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // The tests send all requests from one address, which would exceed the limits for one address.
    env: {
      ...process.env,
      EGO_RATE_PER_MINUTE: '1000000',
      EGO_SIGN_IN_RATE_PER_MINUTE: '1000000',
      REGISTRATIONS_PER_HOUR: '1000000',
    },
  })
  const exited = once(platform, 'exit')
  platform.stdout.resume()
  const baseUrl = `http://127.0.0.1:${port}`
  await untilAnswers(`${baseUrl}/healthz`, () => platform.exitCode !== null)
  project.provide('baseUrl', baseUrl)
  return async () => {
    platform.kill('SIGTERM')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
}

async function untilAnswers(url: string, hasExited: () => boolean): Promise<void> {
  const deadline = Date.now() + startMsMax
  while (Date.now() < deadline) {
    if (hasExited()) throw new Error('The platform ended before it answered.')
    const response = await fetch(url).catch(() => null)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`The platform did not answer within ${startMsMax / 1000} s.`)
}
