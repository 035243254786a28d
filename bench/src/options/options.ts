import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { StartError } from '@ego/kit/process/start-error'
import type { Plan } from '../measure/rounds.ts'
import { positive } from './positive.ts'

export const usage = `Usage: npm run bench -- [COMMAND] [OPTIONS]

  (none)    measures every number to reach, and prints a table
  seed      fills the data folder with posts, once: search and feed need them
  growth    how cost grows with the data
  soak      mixed traffic for some minutes: nothing leaks, nothing fails

  --data DIR         where everything lies (.data-bench)
  --only NAME,NAME   some of the scenarios, or of what grows
  --rounds N         how often each scenario and its reference take turns (5)
  --quick            short, writes no results: only that everything runs

  seed:    --posts N (1000000)  --writers N (100000)
  growth:  --posts N,N --followers N,N --sessions N,N --connections N,N
  soak:    --minutes N (10)
`

const commands = ['measure', 'seed', 'growth', 'soak'] as const
export type Command = (typeof commands)[number]

const text = { type: 'string' } as const
const options = {
  only: text,
  data: { ...text, default: '.data-bench' },
  rounds: text,
  quick: { type: 'boolean', default: false },
  posts: text,
  writers: text,
  followers: text,
  sessions: text,
  connections: text,
  minutes: text,
  help: { type: 'boolean', short: 'h', default: false },
} as const

export type Options = ReturnType<typeof readOptions>

export function readOptions(parameters: readonly string[], base: string) {
  const { values, positionals } = parse(parameters)
  const command = commandOf(positionals)
  const isQuick = values.quick
  const plan: Plan = {
    rounds: positive('--rounds', values.rounds ?? (isQuick ? '1' : '5')),
    seconds: isQuick ? 1 : 5,
    isQuick,
  }
  return {
    command,
    plan,
    isHelp: values.help,
    folder: resolve(base, values.data),
    only: values.only?.split(',') ?? null,
    /** A number of one option, or its usual value. */
    number: (name: NumberName, usual: number) => positive(`--${name}`, values[name] ?? `${usual}`),
    /** The numbers of one option, smallest first, or the usual ones. */
    numbers: (name: NumberName, usual: readonly number[]) =>
      (values[name]?.split(',').map((each) => positive(`--${name}`, each)) ?? usual).toSorted(
        (a, b) => a - b,
      ),
  }
}

type NumberName = 'posts' | 'writers' | 'followers' | 'sessions' | 'connections' | 'minutes'

function parse(parameters: readonly string[]) {
  try {
    return parseArgs({ args: [...parameters], allowPositionals: true, options })
  } catch (cause) {
    throw new StartError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function commandOf(positionals: readonly string[]): Command {
  const [word = 'measure', ...rest] = positionals
  const command = commands.find((each) => each === word)
  if (command && rest.length === 0) return command
  throw new StartError(`There is no command '${positionals.join(' ')}': --help lists them.`)
}

/** The wanted ones in the order that they have. */
export function chosen(only: readonly string[] | null, known: readonly string[]): string[] {
  const unknown = only?.find((name) => !known.includes(name))
  if (unknown === undefined) return known.filter((name) => only?.includes(name) ?? true)
  throw new StartError(`There is no '${unknown}': --only takes ${known.join(', ')}.`)
}
