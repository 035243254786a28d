import { type Command, runProgram } from './run.ts'
import { wireKeys } from './wire.ts'

const usage = `Usage: npm run keys -- <command> [--data DIR]

  list     the signing keys: which one signs, which one will be next, which ones only verify
  rotate   retires the current key and lets the next one sign; nobody is signed out

It works on DATABASE_URL, with KEY_ENCRYPTION_KEY, when that is set; else on the embedded platform that
runs on the data folder (--data, EGO_DATA, .data).
`

const commands: Readonly<Record<string, Command>> = {
  list: (surroundings) => wireKeys(surroundings).list(),
  rotate: (surroundings) => wireKeys(surroundings).rotate(),
}

await runProgram({
  usage,
  parse: ([name = '', ...rest]) => (rest.length === 0 ? (commands[name] ?? null) : null),
})
