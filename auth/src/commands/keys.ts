import { type Command, runProgram, type Surroundings } from '@ego/kit/commands/command'
import { type Config, loadConfig } from './config.ts'
import { wireKeys } from './wire.ts'

const usage = `Usage: npm run keys -- <command> [--data DIR]

  list     the signing keys: which one signs, which one will be next, which ones only verify
  rotate   retires the current key and lets the next one sign; nobody is signed out

It works on DATABASE_URL, with KEY_ENCRYPTION_KEY, when that is set; else on the embedded platform that
runs on the data folder (--data, EGO_DATA, .data).
`

const commands: Readonly<Record<string, Command<Surroundings<Config>>>> = {
  list: async (surroundings) => (await wireKeys(surroundings)).list(),
  rotate: async (surroundings) => (await wireKeys(surroundings)).rotate(),
}

await runProgram({
  service: 'auth',
  usage,
  loadConfig,
  parse: ([name = '', ...rest]) => (rest.length === 0 ? (commands[name] ?? null) : null),
})
