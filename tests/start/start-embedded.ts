import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../../scripts/startup.sh', import.meta.url))
const upMsMax = 60_000

export type Run = { code: number | null; output: string; errors: string }

type Options = { data: string; port: number; environment?: Readonly<Record<string, string>> }

/** Starts the platform like a user, in a process that a test may kill. */
export async function startEmbedded(options: Options) {
  const args = [script, '--port', String(options.port), '--data', options.data]
  const unlimited = {
    EGO_RATE_PER_MINUTE: '1000000',
    EGO_SIGN_IN_RATE_PER_MINUTE: '1000000',
    REGISTRATIONS_PER_HOUR: '1000000',
  }
  const child = spawn('bash', args, {
    env: { ...process.env, ...unlimited, ...options.environment },
  })
  const run: Run = { code: null, output: '', errors: '' }
  child.stdout.on('data', (chunk) => {
    run.output += chunk
  })
  child.stderr.on('data', (chunk) => {
    run.errors += chunk
  })
  const ended = once(child, 'close').then(([code]) => {
    run.code = code
    return run
  })
  const url = `http://127.0.0.1:${options.port}`
  return {
    url,
    run,
    ended,
    pid: child.pid ?? 0,
    /** Resolves with true once the banner is printed, or with false when the start has failed. */
    async isUp(): Promise<boolean> {
      const deadline = Date.now() + upMsMax
      while (Date.now() < deadline && run.code === null) {
        if (run.output.includes('Ego is up')) return true
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return false
    },
    async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Run> {
      child.kill(signal)
      return ended
    },
  }
}
