import { createPrivateKey } from 'node:crypto'
import { createLocalJWKSet, type JWTPayload, type JWTVerifyGetKey, SignJWT } from 'jose'
import { newSigningKey, openPrivateKey, type PublicJwk } from './signing-key.ts'
import type { KeyStore } from './store.ts'

export type Keyring = {
  /** Signs with the current key; `typ` keeps tokens of different kinds apart. */
  sign(typ: string, payload: JWTPayload): Promise<string>
  /** The public halves. */
  jwks: { keys: PublicJwk[] }
  find: JWTVerifyGetKey
}

type Deps = { keys: KeyStore; encryptionKey: Buffer }

export async function openKeyring({ keys, encryptionKey }: Deps): Promise<Keyring> {
  const current = await keys.currentOr(() => newSigningKey(encryptionKey))
  const privateKey = createPrivateKey({
    key: readPrivateKey(() => openPrivateKey(current, encryptionKey)),
    format: 'der',
    type: 'pkcs8',
  })
  const jwks = { keys: [current.publicJwk] }
  return {
    sign: (typ, payload) =>
      new SignJWT(payload)
        .setProtectedHeader({ alg: 'EdDSA', kid: current.keyId, typ })
        .sign(privateKey),
    jwks,
    find: createLocalJWKSet(jwks),
  }
}

function readPrivateKey(open: () => Buffer): Buffer {
  try {
    return open()
  } catch (cause) {
    const text = 'KEY_ENCRYPTION_KEY is not the key that the signing keys were stored with.'
    throw new Error(text, { cause })
  }
}
