import {
  countDeadLetters,
  type DeadLetter,
  deadLettersCountMax,
  discardDeadLetter,
  findDeadLetter,
  listDeadLetters,
} from '../events/dead-letters.ts'
import { type Handler, replayDeadLetter } from '../events/inbox.ts'
import { readOutboxLag } from '../events/outbox.ts'
import { isUnavailable } from '../postgres/errors.ts'
import type { Sql } from '../postgres/postgres.ts'
import type { Environment } from '../process/config.ts'
import { StartError } from '../process/start-error.ts'
import { type Command, type CommandConfig, runProgram, type Surroundings } from './command.ts'
import { describeLag, describeLetter, firstLine } from './events-report.ts'

type Options<Config extends CommandConfig> = {
  /** Also the name of its consumer. */
  service: string
  loadConfig: (environment: Environment) => Config
  /** The event handlers of the service; called only for a replay. */
  handlers(surroundings: Surroundings<Config>): Promise<readonly Handler[]>
}

type Work<Config extends CommandConfig> = Options<Config> & { surroundings: Surroundings<Config> }
type Run = <Config extends CommandConfig>(work: Work<Config>, eventId: string) => Promise<string>

const shownMax = 50
const eventIdPattern = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

const commands: Readonly<Record<string, { words: number; run: Run }>> = {
  lag: { words: 0, run: lag },
  dead: { words: 0, run: dead },
  show: { words: 1, run: show },
  replay: { words: 1, run: replay },
  discard: { words: 1, run: discard },
}

/** The operator command for the events of one service. `kit/commands/events.ts` runs it for each service. */
export async function runEvents<Config extends CommandConfig>(
  options: Options<Config>,
): Promise<void> {
  const { service, loadConfig } = options
  await runProgram({
    service,
    usage: usageOf(service),
    loadConfig,
    parse([name = '', ...words]): Command<Surroundings<Config>> | null {
      const command = commands[name]
      if (command?.words !== words.length) return null
      const [eventId = ''] = words
      return async (surroundings) => {
        await checkService(surroundings.sql, service)
        return command.run({ ...options, surroundings }, eventId)
      }
    },
  })
}

async function checkService(sql: Sql, service: string): Promise<void> {
  const [row] = await sql`
    select 1
    from migration
    where set = ${service}`
  if (!row) throw new StartError(`This is not the database of ${service}: set its DATABASE_URL.`)
}

async function lag<C extends CommandConfig>({ service, surroundings }: Work<C>): Promise<string> {
  const { sql } = surroundings
  return describeLag(service, await readOutboxLag(sql), await countDeadLetters(sql, service))
}

async function dead<C extends CommandConfig>({ service, surroundings }: Work<C>): Promise<string> {
  const { sql } = surroundings
  const letters = await listDeadLetters(sql, { consumer: service, limit: shownMax })
  if (letters.length === 0) return `${service} has no dead letters.`
  const count = await countDeadLetters(sql, service)
  const many = count === deadLettersCountMax ? `${count} or more` : String(count)
  return [
    `${service} has ${many} dead letter${count === 1 ? '' : 's'}:`,
    ...letters.map(describeLetter),
    ...(count > letters.length ? [`  and ${count - letters.length} later ones`] : []),
    '  show <event id> prints one with its payload.',
  ].join('\n')
}

async function show<C extends CommandConfig>(work: Work<C>, eventId: string): Promise<string> {
  return JSON.stringify(await readLetter(work, eventId), null, 2)
}

async function replay<C extends CommandConfig>(work: Work<C>, eventId: string): Promise<string> {
  if (eventId === 'all') return replayAll(work)
  const { event } = await readLetter(work, eventId)
  const failure = await replayOne(work, await work.handlers(work.surroundings), eventId)
  if (failure) throw new StartError(failure)
  return `${work.service} has applied ${event.id}, ${event.type}.`
}

async function replayAll<C extends CommandConfig>(work: Work<C>): Promise<string> {
  const { service, surroundings } = work
  const handlers = await work.handlers(surroundings)
  const failures: string[] = []
  let applied = 0
  let after: string | undefined
  for (;;) {
    const page = { consumer: service, ...(after !== undefined && { after }) }
    const letters = await listDeadLetters(surroundings.sql, page)
    for (const { event } of letters) {
      const failure = await replayOne(work, handlers, event.id)
      if (failure) failures.push(failure)
      else applied += 1
      after = event.id
    }
    if (letters.length === 0) break
  }
  if (failures.length > 0) process.exitCode = 1
  if (applied + failures.length === 0) return `${service} has no dead letters.`
  return [`${service} has applied ${applied}; ${failures.length} failed.`, ...failures].join('\n')
}

/** Resolves with `null` when the event was applied, otherwise with a sentence that says why not. */
async function replayOne<C extends CommandConfig>(
  { service, surroundings: { sql } }: Work<C>,
  on: readonly Handler[],
  eventId: string,
): Promise<string | null> {
  try {
    if (await replayDeadLetter({ sql, consumer: service, on }, eventId)) return null
    return `${eventId} was replayed or discarded by another operator meanwhile.`
  } catch (error) {
    if (isUnavailable(error)) throw error
    const reason = firstLine(String(error))
    if (await findDeadLetter(sql, service, eventId)) {
      return `${eventId} failed again, and stays a dead letter: ${reason}`
    }
    return `${eventId} was applied, but its follow-up failed: ${reason}`
  }
}

async function discard<C extends CommandConfig>(work: Work<C>, eventId: string): Promise<string> {
  const { service, surroundings } = work
  const { event } = await readLetter(work, eventId)
  if (!(await discardDeadLetter(surroundings.sql, service, event.id))) throw noLetter(work, eventId)
  return `${event.id}, ${event.type}, was discarded: ${service} will never apply it.`
}

async function readLetter<C extends CommandConfig>(
  work: Work<C>,
  eventId: string,
): Promise<DeadLetter> {
  if (!eventIdPattern.test(eventId)) throw new StartError(`'${eventId}' is not the id of an event.`)
  const letter = await findDeadLetter(work.surroundings.sql, work.service, eventId)
  if (!letter) throw noLetter(work, eventId)
  return letter
}

function noLetter({ service }: { service: string }, eventId: string): StartError {
  return new StartError(`${service} has no dead letter ${eventId}: run dead to list them.`)
}

function usageOf(service: string): string {
  return `Usage: node ${service}/src/commands/events.ts <command> [--data DIR]

  lag                    shows how many events wait in the outbox of ${service}, and its number of dead letters
  dead                   lists the events that it could not apply, with their errors
  show <event id>        prints one of them with its payload, which may be private
  replay <event id|all>  applies one or all of them now
  discard <event id>     deletes one for good
`
}
