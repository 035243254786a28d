import { createPrivateKey, type KeyObject } from 'node:crypto'
import { repeat } from '@ego/kit/async/repeat'
import { createSingleFlight } from '@ego/kit/async/single-flight'
import { isUnknownKey } from '@ego/kit/http/identity/remote-keys'
import type { Log } from '@ego/kit/process/log'
import { createLocalJWKSet, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { signToken } from './sign.ts'
import { createSigningKey, openPrivateKey, type StoredKey } from './signing-key.ts'
import type { Jwks, KeptKey, KeyStore } from './store.ts'

export type Keyring = AsyncDisposable & {
  /** Signs with the current key; `typ` keeps tokens of different kinds apart. */
  sign(typ: string, payload: JWTPayload): Promise<string>
  /** The public halves, as they are now. */
  readonly jwks: Jwks
  /** Refuses an unknown key id only after another read of the stored keys, begun after the call. */
  find: JWTVerifyGetKey
}

type Options = { keys: KeyStore; encryptionKey: Buffer; log: Pick<Log, 'warn'> }

/** What was last read from the store. */
type Held = {
  version: string
  jwks: Jwks
  find: JWTVerifyGetKey
  signing: { keyId: string; privateKey: KeyObject }
}

const pollMs = 1_000
const loadEveryMs = 100
// After that another key may be the current one. Retired keys are kept for much longer than this.
const trustedMs = 10_000

/** Holds the keys in memory and follows every rotation: the store tells of it, and a poll finds what was missed. */
export async function openKeyring({ keys, encryptionKey, log }: Options): Promise<Keyring> {
  await keys.fill(() => createSigningKey(encryptionKey))
  let held = hold(await keys.list(), encryptionKey)
  let loadedAtMs = performance.now()

  const load = createSingleFlight(async () => {
    const begunAtMs = performance.now()
    const stored = await keys.list()
    if (versionOf(stored) !== held.version) held = hold(stored, encryptionKey)
    loadedAtMs = begunAtMs
  }, loadEveryMs)

  const following = await follow(keys, load, log)
  return {
    async sign(typ, payload) {
      if (performance.now() - loadedAtMs > trustedMs) await load()
      const { keyId, privateKey } = held.signing
      return signToken({ alg: 'EdDSA', kid: keyId, typ }, payload, privateKey)
    },
    get jwks() {
      return held.jwks
    },
    async find(header, token) {
      try {
        return await held.find(header, token)
      } catch (error) {
        if (!isUnknownKey(error, header)) throw error
        await load()
        return held.find(header, token)
      }
    },
    [Symbol.asyncDispose]: () => following[Symbol.asyncDispose](),
  }
}

async function follow(
  keys: KeyStore,
  load: () => Promise<void>,
  log: Options['log'],
): Promise<AsyncDisposable> {
  let failures = 0

  async function work(): Promise<void> {
    await load()
    failures = 0
  }

  function onError(error: unknown): void {
    // Once, not at every poll: a database that is away is logged elsewhere too.
    if (failures === 0) log.warn({ err: error }, 'the signing keys cannot be read')
    failures += 1
  }

  await using starting = new AsyncDisposableStack()
  starting.use(repeat({ everyMs: pollMs, work, onError }))
  starting.use(await keys.watch(() => void work().catch(onError)))
  return starting.move()
}

function hold(keys: readonly KeptKey[], encryptionKey: Buffer): Held {
  const current = keys.find((key) => key.status === 'current')
  if (!current) throw new Error('No signing key is the current one.')
  const jwks = { keys: keys.map((key) => key.publicJwk) }
  return {
    version: versionOf(keys),
    jwks,
    find: createLocalJWKSet(jwks),
    signing: { keyId: current.keyId, privateKey: openSigningKey(current, encryptionKey) },
  }
}

function versionOf(keys: readonly KeptKey[]): string {
  return keys.map((key) => `${key.status} ${key.keyId}`).join('\n')
}

function openSigningKey(stored: StoredKey, encryptionKey: Buffer): KeyObject {
  const key = openPrivateKey(stored, encryptionKey)
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}
