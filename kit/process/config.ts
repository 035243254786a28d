import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { StartError } from './start-error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Carries one sentence per bad variable, so that a start names all of them at once. */
export class ConfigError extends StartError {
  override name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The configuration is not complete:\n${problems.map((line) => `  ${line}`).join('\n')}`)
    this.problems = problems
  }
}

/** Reads the variables that the schema names; each may come from a file named by `NAME_FILE`. */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  environment: Environment,
): z.output<S> {
  const problems: string[] = []
  const reported = new Set<string>()
  const report = (name: string, text: string) => {
    reported.add(name)
    problems.push(text)
  }
  const values: Record<string, string> = {}
  for (const name of Object.keys(schema.shape)) {
    const value = readVariable(name, environment, report)
    if (value !== undefined) values[name] = value
  }
  const parsed = schema.safeParse(values)
  if (parsed.success && problems.length === 0) return parsed.data
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0] ?? '')
    // A variable whose file cannot be read is also missing, which would say nothing new.
    if (reported.has(name)) continue
    report(name, name in values ? `${name}: ${issue.message}.` : `${name} is missing.`)
  }
  throw new ConfigError(problems)
}

type Report = (name: string, text: string) => void

function readVariable(name: string, environment: Environment, report: Report) {
  const file = environment[`${name}_FILE`]
  const value = environment[name]
  if (!file) return value === '' ? undefined : value
  if (value) {
    report(name, `${name} and ${name}_FILE are both set; set one of them.`)
    return undefined
  }
  try {
    // Files made by editors and secret stores often end in a line break that is not part of the secret.
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch {
    report(name, `${name}_FILE names ${file}, which cannot be read.`)
    return undefined
  }
}
