import { type Command, runProgram, type Surroundings } from '@ego/kit/commands/command'
import { StartError } from '@ego/kit/process/start-error'
import { retiredKeyMsKept } from '../key/retirement.ts'
import { rotateKeys } from '../key/rotation.ts'
import type { KeptKey } from '../key/store.ts'
import { type Config, loadConfig } from './config.ts'
import { wireKeys } from './wire.ts'

const usage = `Usage: npm run keys -- <command> [--data DIR]

  list     the signing keys: which one signs, which one will be next, which ones only verify
  rotate   retires the current key and lets the next one sign; all sessions continue

It works on DATABASE_URL, with KEY_ENCRYPTION_KEY, when that is set; else on the embedded platform that
runs on the data folder (--data, EGO_DATA, .data).
`

const noKeys = 'There is no signing key yet: auth makes the first ones when it starts.'

const commands: Readonly<Record<string, Command<Surroundings<Config>>>> = { list, rotate }

await runProgram({
  service: 'auth',
  usage,
  loadConfig,
  parse: ([name = '', ...rest]) => (rest.length === 0 ? (commands[name] ?? null) : null),
})

async function list(surroundings: Surroundings<Config>): Promise<string> {
  const { keys } = await wireKeys(surroundings)
  const kept = await keys.list()
  if (kept.length === 0) return noKeys
  return kept.map((key) => `${key.keyId}  ${whatItDoes(key)}`).join('\n')
}

async function rotate(surroundings: Surroundings<Config>): Promise<string> {
  const { keys, encryptionKey } = await wireKeys(surroundings)
  if (!encryptionKey) throw new StartError('Set KEY_ENCRYPTION_KEY, as it is set for auth.')
  if ((await keys.list()).length === 0) throw new StartError(noKeys)
  const rotation = await rotateKeys({ keys, encryptionKey })
  if (!rotation) throw new StartError('The keys were not rotated: there is no next one.')
  const minutes = Math.ceil(retiredKeyMsKept / 60_000)
  return [
    `${rotation.current}  signs now`,
    `${rotation.next}  is published and signs next`,
    `${rotation.retired}  verifies what it has signed for ${minutes} more minutes`,
  ].join('\n')
}

function whatItDoes({ status, createdAt, retiredAt }: KeptKey): string {
  if (status === 'current') return 'signs now'
  if (status === 'next' || !retiredAt) {
    return `signs next, published since ${createdAt.toISOString()}`
  }
  const until = new Date(retiredAt.getTime() + retiredKeyMsKept)
  return `retired ${retiredAt.toISOString()}, verifies until ${until.toISOString()}`
}
