import { StartError } from '@ego/kit/process/start-error'
import { rotateKeys } from '../key/rotation.ts'
import type { KeptKey, KeyStore } from '../key/store.ts'

type Deps = {
  keys: KeyStore
  encryptionKey: Buffer | null
  retiredMsKept: number
}

const noKeys = 'There is no signing key yet: auth makes the first ones when it starts.'

/** Each returns what to print. */
export type KeyCommands = { list(): Promise<string>; rotate(): Promise<string> }

export function keyCommands({ keys, encryptionKey, retiredMsKept }: Deps): KeyCommands {
  return {
    async list() {
      const kept = await keys.list()
      if (kept.length === 0) return noKeys
      return kept.map((key) => `${key.keyId}  ${whatItDoes(key, retiredMsKept)}`).join('\n')
    },

    async rotate() {
      if (!encryptionKey) throw new StartError('Set KEY_ENCRYPTION_KEY, as it is set for auth.')
      if ((await keys.list()).length === 0) throw new StartError(noKeys)
      const rotation = await rotateKeys({ keys, encryptionKey })
      if (!rotation) throw new StartError('The keys were not rotated: there is no next one.')
      const minutes = Math.ceil(retiredMsKept / 60_000)
      return [
        `${rotation.current}  signs now`,
        `${rotation.next}  is published and signs next`,
        `${rotation.retired}  verifies what it has signed for ${minutes} more minutes`,
      ].join('\n')
    },
  }
}

function whatItDoes({ status, createdAt, retiredAt }: KeptKey, retiredMsKept: number): string {
  if (status === 'current') return 'signs now'
  if (status === 'next' || !retiredAt) {
    return `signs next, published since ${createdAt.toISOString()}`
  }
  const until = new Date(retiredAt.getTime() + retiredMsKept)
  return `retired ${retiredAt.toISOString()}, verifies until ${until.toISOString()}`
}
