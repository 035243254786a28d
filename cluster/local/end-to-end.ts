import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs the whole end-to-end suite and resolves with its exit code. */
export async function testEndToEnd(url: string, signal: AbortSignal): Promise<number> {
  const vitest = spawn('vitest', ['run', '--config', 'tests/e2e/vitest.config.ts'], {
    env: { ...process.env, E2E_BASE_URL: url },
    stdio: 'inherit',
  })
  const stop = () => vitest.kill()
  signal.addEventListener('abort', stop)
  const [code] = await once(vitest, 'close')
  signal.removeEventListener('abort', stop)
  return code ?? 1
}
