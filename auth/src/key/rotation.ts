import { repeat } from '@ego/kit/async/repeat'
import type { Log } from '@ego/kit/process/log'
import { createSigningKey, openPrivateKey } from './signing-key.ts'
import type { KeyStore, Rotation } from './store.ts'

type Deps = { keys: KeyStore; encryptionKey: Buffer }

/** Rotates the keys, or returns `null` when the current one has not been current for long enough. */
export async function rotateKeys(
  { keys, encryptionKey }: Deps,
  currentForMsMin = 0,
): Promise<Rotation | null> {
  // A key that the running processes cannot open would stop them from signing at the rotation after this one.
  for (const key of await keys.list()) {
    if (key.status !== 'retired') openPrivateKey(key, encryptionKey)
  }
  return keys.rotate(() => createSigningKey(encryptionKey), currentForMsMin)
}

type Schedule = Deps & { everyMs: number; log: Pick<Log, 'info' | 'warn'> }

const looksPerRotation = 20
const lookMsMin = 50
const lookMsMax = 60_000

/** Every process checks whether it is time; the store lets one of them rotate. */
export function startRotation({ keys, encryptionKey, everyMs, log }: Schedule): AsyncDisposable {
  return repeat({
    everyMs: Math.min(lookMsMax, Math.max(lookMsMin, everyMs / looksPerRotation)),
    async work() {
      const rotation = await rotateKeys({ keys, encryptionKey }, everyMs)
      if (rotation) log.info(rotation, 'the signing keys were rotated')
    },
    onError: (error) => log.warn({ err: error }, 'the signing keys were not rotated'),
  })
}
