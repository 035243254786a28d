import { commandVariables, runProgram } from '@ego/kit/commands/command'
import { readConfig } from '@ego/kit/process/config'
import { StartError } from '@ego/kit/process/start-error'
import { z } from 'zod'
import type { DeadMessage, MessageStore } from '../message/store.ts'
import { wireMessages } from './wire.ts'

const usage = `Usage: npm run mail -- <command> [--data DIR]

  dead             the mails that were given up, and why; not to whom, which stays sealed
  replay <id|all>  queues one of them again, or all
  discard <id>     deletes it: it will never be sent

It works on DATABASE_URL when that is set; else on the embedded platform that runs on the data folder
(--data, EGO_DATA, .data).
`

type Messages = Pick<MessageStore, 'listDead' | 'measure' | 'replay' | 'replayAll' | 'discard'>
type Run = (messages: Messages, id: string) => Promise<string>

const commands: Readonly<Record<string, { words: number; run: Run }>> = {
  dead: { words: 0, run: dead },
  replay: { words: 1, run: replay },
  discard: { words: 1, run: discard },
}

const noDeadMails = 'There are no dead mails.'
const configSchema = z.object(commandVariables)

await runProgram({
  service: 'mail',
  usage,
  loadConfig: (environment) => readConfig(configSchema, environment),
  parse([name = '', ...words]) {
    const command = commands[name]
    if (command?.words !== words.length) return null
    const [id = ''] = words
    return (surroundings) => command.run(wireMessages(surroundings), id)
  },
})

async function dead(messages: Messages): Promise<string> {
  const shownMax = 50
  const shown = await messages.listDead(shownMax)
  if (shown.length === 0) return noDeadMails
  const { dead: count } = await messages.measure()
  return [
    `${counted(count)}:`,
    ...shown.map(describe),
    ...(count > shown.length ? [`  and ${count - shown.length} later ones`] : []),
  ].join('\n')
}

async function replay(messages: Messages, id: string): Promise<string> {
  if (id === 'all') {
    const count = await messages.replayAll(Date.now())
    return count === 0 ? noDeadMails : `${counted(count)} will be sent again.`
  }
  checkId(id)
  if (!(await messages.replay(id, Date.now()))) throw noSuchMail(id)
  return `${id} will be sent again.`
}

async function discard(messages: Messages, id: string): Promise<string> {
  checkId(id)
  if (!(await messages.discard(id))) throw noSuchMail(id)
  return `${id} was discarded: it will never be sent.`
}

function counted(count: number): string {
  return `${count} dead mail${count === 1 ? '' : 's'}`
}

function describe({ id, template, createdAt, diedAt, attempts, failure }: DeadMessage): string {
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  return [
    `  ${id}  ${template}  asked for ${createdAt.toISOString()}`,
    `    given up ${diedAt.toISOString()} after ${tries}: ${failure}`,
  ].join('\n')
}

function checkId(id: string): void {
  if (!z.guid().safeParse(id).success) throw new StartError(`'${id}' is not the id of a mail.`)
}

function noSuchMail(id: string): StartError {
  return new StartError(`There is no dead mail ${id}: dead lists those that there are.`)
}
