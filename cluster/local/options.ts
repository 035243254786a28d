import { parseArgs } from 'node:util'
import { StartError } from '../../kit/process/start-error.ts'

const modes = ['run', 'e2e', 'faults'] as const
const brokers = ['rabbitmq', 'kafka'] as const
export const extras = ['minio', 'elasticsearch', 'greenmail'] as const

export type Mode = (typeof modes)[number]
export type Broker = (typeof brokers)[number]
export type Extra = (typeof extras)[number]

export type Options = {
  mode: Mode
  events: Broker
  /** `null` selects the engines that are already built. */
  with: readonly Extra[] | null
  port: number | null
  /** For faults: how long each part is down. */
  seconds: number
}

export const usage = `Usage: npm run cluster:local -- [run | e2e | faults] [options]

Starts each service of Ego as a process of its own, on real engines, with the gateway in front.

  run                    runs it until Ctrl-C (the default)
  e2e                    runs the suite in tests/e2e/ against it
  faults                 stops and kills one part after the other under load, and checks that nothing is lost

  --events NAME          the broker: ${brokers.join(', ')}; the default is ${brokers[0]}
  --with NAMES           ${extras.join(', ')}: built when necessary; 'none' for none of them
--port N               the gateway's port; the default is 9080 for run, otherwise a free one
--seconds N            for faults: how long a part is down; the default is 8
`

/** Returns `null` when `--help` was given. */
export function readOptions(args: string[]): Options | null {
  const { values, positionals } = parse(args)
  if (values.help) return null
  const [mode = 'run', ...others] = positionals
  if (others.length > 0) throw new StartError(`Choose one of ${modes.join(', ')}.\n\n${usage}`)
  const chosen = oneOf(modes, mode, 'mode')
  return {
    mode: chosen,
    events: oneOf(brokers, values.events ?? 'rabbitmq', 'broker'),
    with: values.with === undefined ? null : listOf(values.with),
    port: values.port === undefined ? portOf(chosen) : numberIn('port', values.port, 65_535),
    seconds: numberIn('seconds', values.seconds ?? '8', 60),
  }
}

function parse(args: string[]) {
  const text = { type: 'string' } as const
  const options = {
    events: text,
    with: text,
    port: text,
    seconds: text,
    help: { type: 'boolean', short: 'h' },
  } as const
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(`${why}\n\n${usage}`, { cause })
  }
}

function portOf(mode: Mode): number | null {
  return mode === 'run' ? 9080 : null
}

function listOf(text: string): Extra[] {
  if (text === 'none') return []
  return text.split(',').map((name) => oneOf(extras, name, 'engine'))
}

function oneOf<const T extends string>(names: readonly T[], given: string, what: string): T {
  const found = names.find((name) => name === given)
  if (found) return found
  throw new StartError(`There is no ${what} '${given}': choose ${names.join(', ')}.`)
}

function numberIn(option: string, given: string, max: number): number {
  const number = Number(given)
  if (Number.isInteger(number) && number >= 1 && number <= max) return number
  throw new StartError(`--${option} takes a number from 1 to ${max}, not '${given}'.`)
}
