import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { isUnavailable } from '../postgres/errors.ts'
import { connectPostgres, type Sql } from '../postgres/postgres.ts'
import type { Environment } from '../process/config.ts'
import { describeStart, StartError } from '../process/start-error.ts'
import { findRunningPlatform, type RunningPlatform } from './running-platform.ts'

/** Runs the command and resolves with the text to print. */
export type Command<Surroundings> = (surroundings: Surroundings) => Promise<string>

/** The environment variables of every command. */
export const commandVariables = {
  /** Without it, the command uses the embedded platform of the data folder. */
  DATABASE_URL: z.url().optional(),
  EGO_DATA: z.string().default('.data'),
  /** npm changes to the root of the repository, and sets this to the caller's folder. */
  INIT_CWD: z.string().default('.'),
}

export type CommandConfig = z.output<z.ZodObject<typeof commandVariables>>

type Program<Config extends CommandConfig> = {
  service: string
  usage: string
  loadConfig: (environment: Environment) => Config
  /** Returns `null` when the words are not a command of this program. */
  parse(words: readonly string[]): Command<Surroundings<Config>> | null
}

/** `platform` is the embedded platform that runs on the data folder; `null` when DATABASE_URL selects the database. */
export type Surroundings<Config> = {
  sql: Sql
  databaseUrl: string
  config: Config
  platform: RunningPlatform | null
}

/** Runs an operator command. Exits with 0 on success, 1 on failure, and 2 when the arguments are wrong. */
export async function runProgram<Config extends CommandConfig>(
  program: Program<Config>,
): Promise<void> {
  const { words, data, help, problem } = readArguments()
  if (help) {
    process.stdout.write(program.usage)
    return
  }
  const command = problem ? null : program.parse(words)
  if (!command) {
    process.stderr.write(`${problem ?? misunderstood(words)}\n\n${program.usage}`)
    process.exitCode = 2
    return
  }
  try {
    process.stdout.write(`${await execute(program, command, data)}\n`)
  } catch (error) {
    process.stderr.write(`${describe(error, program.service)}\n`)
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
    // Node's message continues with advice that does not apply here.
    const problem = String(Object(error).message).replace(/\. .*/s, '.')
    return { words: [], data: undefined, help: false, problem }
  }
}

function misunderstood(words: readonly string[]): string {
  if (words.length === 0) return 'A command is missing.'
  return `'${words.join(' ')}' is not a command, or is incomplete.`
}

async function execute<Config extends CommandConfig>(
  { service, loadConfig }: Program<Config>,
  command: Command<Surroundings<Config>>,
  data: string | undefined,
): Promise<string> {
  // The same file as in scripts/startup.sh. It does not change variables that are already set.
  if (existsSync('.env')) process.loadEnvFile('.env')
  const config = loadConfig(process.env)
  const platform = await choosePlatform(config, service, data)
  const databaseUrl = platform?.databaseUrl ?? config.DATABASE_URL ?? ''
  await using sql = connectPostgres({
    url: databaseUrl,
    max: 2,
    applicationName: `${service}-command`,
  })
  return await command({ sql, databaseUrl, config, platform })
}

/** The command line takes precedence over the environment. */
async function choosePlatform(
  config: CommandConfig,
  service: string,
  data: string | undefined,
): Promise<RunningPlatform | null> {
  if (data === undefined && config.DATABASE_URL) return null
  const folder = data === undefined ? resolve(config.EGO_DATA) : resolve(config.INIT_CWD, data)
  const platform = await findRunningPlatform(folder, service)
  if (platform) return platform
  throw new StartError(
    `No platform is running on ${folder}: start it with npm start, name its folder with --data, or set DATABASE_URL.`,
  )
}

const undefinedTable = '42P01'
const wrongPassword = '28P01'

function describe(error: unknown, service: string): string {
  if (error instanceof StartError) return error.message
  if (isUnavailable(error)) return `The database of ${service} cannot be reached. Is it running?`
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === undefinedTable) {
    return `This database has no tables of ${service} yet: start ${service} once.`
  }
  if (code === wrongPassword) return 'The database refused the password in DATABASE_URL.'
  return describeStart(error)
}
