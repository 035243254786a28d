import { runProgram } from '@ego/kit/commands/command'
import type { AdminCommands } from './admin-commands.ts'
import { loadConfig } from './config.ts'
import { wireAdmin } from './wire.ts'

const usage = `Usage: npm run admin -- <command> [--data DIR]

  create <username> <email>   a new staff account; its password is shown once
  promote <username>          gives the role staff
  demote <username>           takes the role staff away and ends all sessions
  disable <username>          ends all sessions and lets nobody in any more
  enable <username>           lets the owner in again

It works on DATABASE_URL when that is set; else on the embedded platform that runs on the data folder
(--data, EGO_DATA, .data). Everything is written to the audit log.
`

type Run = (admin: AdminCommands, words: readonly string[]) => Promise<string>

const commands: Readonly<Record<string, { words: number; run: Run }>> = {
  create: { words: 2, run: (admin, [username = '', email = '']) => admin.create(username, email) },
  promote: { words: 1, run: (admin, [username = '']) => admin.promote(username) },
  demote: { words: 1, run: (admin, [username = '']) => admin.demote(username) },
  disable: { words: 1, run: (admin, [username = '']) => admin.disable(username) },
  enable: { words: 1, run: (admin, [username = '']) => admin.enable(username) },
}

await runProgram({
  service: 'auth',
  usage,
  loadConfig,
  parse([name = '', ...words]) {
    const command = commands[name]
    if (command?.words !== words.length) return null
    return async (surroundings) => command.run(await wireAdmin(surroundings), words)
  },
})
