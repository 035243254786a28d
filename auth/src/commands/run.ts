import { parseArgs } from 'node:util'
import { connectPostgres, type Sql } from '@ego/kit/postgres'
import { isUnavailable } from '@ego/kit/postgres-errors'
import { describeStart, StartError } from '@ego/kit/start-error'
import { type Config, loadConfig } from './config.ts'
import { chooseTarget } from './target.ts'

export type Surroundings = { sql: Sql; config: Config; keyEncryptionKey: string | null }

/** What is printed when all went well. */
export type Command = (surroundings: Surroundings) => Promise<string>

type Program = {
  usage: string
  /** `null` when that is no command of this program. */
  parse(words: readonly string[]): Command | null
}

/** Exits with 0 when it was done, 1 when it could not be, and 2 when it was not understood. */
export async function runProgram({ usage, parse }: Program): Promise<void> {
  const { words, data, help, problem } = readArguments()
  if (help) {
    process.stdout.write(usage)
    return
  }
  const command = problem ? null : parse(words)
  if (!command) {
    process.stderr.write(`${problem ?? misunderstood(words)}\n\n${usage}`)
    process.exitCode = 2
    return
  }
  try {
    process.stdout.write(`${await execute(command, data)}\n`)
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`)
    process.exitCode = 1
  }
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, data: { type: 'string' } },
    })
    return { words: positionals, data: values.data, help: values.help ?? false, problem: null }
  } catch (error) {
    // What Node says after its first sentence is about its own way to write options.
    const problem = String(Object(error).message).replace(/\. .*/s, '.')
    return { words: [], data: undefined, help: false, problem }
  }
}

function misunderstood(words: readonly string[]): string {
  if (words.length === 0) return 'Say what to do.'
  return `'${words.join(' ')}' is not one of the commands.`
}

async function execute(command: Command, data: string | undefined): Promise<string> {
  const config = loadConfig()
  const { databaseUrl, keyEncryptionKey } = await chooseTarget(config, data)
  await using sql = connectPostgres({ url: databaseUrl, max: 1, applicationName: 'auth-command' })
  return await command({ sql, config, keyEncryptionKey })
}

const undefinedTable = '42P01'
const wrongPassword = '28P01'

function describe(error: unknown): string {
  if (error instanceof StartError) return error.message
  if (isUnavailable(error)) return 'The database of auth cannot be reached. Is it running?'
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === undefinedTable) return 'This database has no tables of auth yet: start auth once.'
  if (code === wrongPassword) return 'The database refused the password in DATABASE_URL.'
  return describeStart(error)
}
