import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

export type Printed = { code: unknown; output: string; errors: string }

const script = fileURLToPath(new URL('../../scripts/events.ts', import.meta.url))

/** `npm run events` as an operator runs it; of the environment it gets only what is given, and the path. */
export async function runEventsCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Printed> {
  const env = { PATH: process.env.PATH, ...environment }
  const child = spawn(process.execPath, [script, ...words], { cwd: tmpdir(), env })
  const printed = { output: '', errors: '' }
  child.stdout.on('data', (chunk) => {
    printed.output += chunk
  })
  child.stderr.on('data', (chunk) => {
    printed.errors += chunk
  })
  const [code] = await once(child, 'close')
  return { code, ...printed }
}
