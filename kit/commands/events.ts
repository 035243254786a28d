import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { serviceNames } from '@ego/contracts/services'

// Each service has its own database and event handlers, so this runs the program of each service.

const usage = `Usage: npm run events -- <command> [--data DIR]

  lag [service]                    shows how many events wait in the outboxes, and the number of dead letters
  dead [service]                   lists the events that could not be applied, with their errors
  show <service> <event id>        prints one of them with its payload, which may be private
  replay <service> <event id|all>  applies one or all of them now, with the service's own handlers
  discard <service> <event id>     deletes one for good

The services are ${serviceNames.join(', ')}. When DATABASE_URL is set, the command works on that database and you must name
its service. Otherwise it works on the embedded platform that runs on the data folder (--data, EGO_DATA, .data).
`

/** How many words follow the name of the service, and whether the name may be omitted. */
const commands: Readonly<Record<string, { words: number; ofAll: boolean }>> = {
  lag: { words: 0, ofAll: true },
  dead: { words: 0, ofAll: true },
  show: { words: 1, ofAll: false },
  replay: { words: 1, ofAll: false },
  discard: { words: 1, ofAll: false },
}

const { words, options, help } = readArguments()
process.exitCode = help ? print(process.stdout, usage, 0) : await run(words)

function readArguments(): { words: string[]; options: string[]; help: boolean } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, data: { type: 'string' } },
    })
    const options = values.data === undefined ? [] : ['--data', values.data]
    return { words: positionals, options, help: values.help ?? false }
  } catch {
    return { words: [], options: [], help: false }
  }
}

async function run([name = '', service, ...rest]: string[]): Promise<number> {
  const command = commands[name]
  if (!command || rest.length !== command.words || (!service && !command.ofAll)) {
    return print(process.stderr, `The command is unknown or incomplete.\n\n${usage}`, 2)
  }
  const asked = service ? serviceNames.filter((one) => one === service) : serviceNames
  if (asked.length === 0) {
    const sentence = `There is no service '${service}': there are ${serviceNames.join(', ')}.\n`
    return print(process.stderr, sentence, 1)
  }
  if (!service && isOnOneDatabase()) {
    const sentence = `DATABASE_URL is the database of one service: name the service, as in npm run events -- ${name} posts.\n`
    return print(process.stderr, sentence, 1)
  }
  const results = await Promise.all(asked.map((one) => runOf(one, [name, ...rest])))
  process.stdout.write(results.map(({ output }) => output).join(''))
  // Every program prints the same sentence when no platform is running.
  process.stderr.write([...new Set(results.map(({ errors }) => errors))].join(''))
  return Math.max(...results.map(({ code }) => code))
}

/** The programs of the services read the same file and variables. */
function isOnOneDatabase(): boolean {
  if (options.length > 0) return false
  if (existsSync('.env')) process.loadEnvFile('.env')
  return Boolean(process.env.DATABASE_URL || process.env.DATABASE_URL_FILE)
}

async function runOf(service: string, words: string[]) {
  const file = fileURLToPath(new URL(`../../${service}/src/commands/events.ts`, import.meta.url))
  const child = spawn(process.execPath, [file, ...words, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { output: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed.output += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    printed.errors += chunk
  })
  const [code] = await once(child, 'close')
  return { ...printed, code: typeof code === 'number' ? code : 1 }
}

function print(stream: NodeJS.WriteStream, text: string, code: number): number {
  stream.write(text)
  return code
}
