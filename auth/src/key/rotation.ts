import { repeat } from '@ego/kit/async/repeat'
import type { Log } from '@ego/kit/process/log'
import { newSigningKey, openPrivateKey } from './signing-key.ts'
import type { KeyStore, Rotation } from './store.ts'

type Deps = { keys: KeyStore; encryptionKey: Buffer }

/** Rotates the keys, or answers `null` when the current one has not been that for long enough. */
export function rotateKeys({ keys, encryptionKey }: Deps) {
  return async (currentForMsMin = 0): Promise<Rotation | null> => {
    // A key that the running processes could not open would stop them from signing at the rotation after this one.
    for (const key of await keys.list()) {
      if (key.status !== 'retired') openPrivateKey(key, encryptionKey)
    }
    return keys.rotate(() => newSigningKey(encryptionKey), currentForMsMin)
  }
}

type Schedule = {
  rotate: ReturnType<typeof rotateKeys>
  everyMs: number
  log: Pick<Log, 'info' | 'warn'>
}

const looksPerRotation = 20
const lookMsMin = 50
const lookMsMax = 60_000

/** Every process looks whether it is time; the store lets one of them rotate. */
export function startRotation({ rotate, everyMs, log }: Schedule): AsyncDisposable {
  return repeat({
    everyMs: Math.min(lookMsMax, Math.max(lookMsMin, everyMs / looksPerRotation)),
    async work() {
      const rotation = await rotate(everyMs)
      if (rotation) log.info(rotation, 'the signing keys were rotated')
    },
    onError: (error) => log.warn({ err: error }, 'the signing keys were not rotated'),
  })
}
