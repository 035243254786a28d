import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

export type Printed = { code: unknown; output: string; errors: string }

type Environment = Readonly<NodeJS.ProcessEnv>

/** Runs a program as an operator would. Its environment holds only the given variables and PATH. */
export async function runFile(
  file: URL,
  words: readonly string[],
  environment: Environment,
  cwd = tmpdir(),
): Promise<Printed> {
  const env = { PATH: process.env.PATH, ...environment }
  const child = spawn(process.execPath, [fileURLToPath(file), ...words], { cwd, env })
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

/** Runs `npm run events`. */
export function runEventsCommand(words: readonly string[], environment: Environment) {
  return runFile(new URL('../commands/events.ts', import.meta.url), words, environment)
}
