import { createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes } from 'node:crypto'
import { StartError } from '@ego/kit/process/start-error'
import { calculateJwkThumbprint } from 'jose'

export type PublicJwk = {
  kty: 'OKP'
  crv: 'Ed25519'
  x: string
  kid: string
  alg: 'EdDSA'
  use: 'sig'
}

/** A key as it lies in the database: its private half is readable only with the configured key. */
export type StoredKey = { keyId: string; publicJwk: PublicJwk; privateSealed: Buffer }

const nonceBytes = 12
const tagBytes = 16

export async function createSigningKey(encryptionKey: Buffer): Promise<StoredKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  const point = { kty: 'OKP', crv: 'Ed25519', x } as const
  const keyId = await calculateJwkThumbprint(point)
  const privateDer = privateKey.export({ format: 'der', type: 'pkcs8' })
  return {
    keyId,
    publicJwk: { ...point, kid: keyId, alg: 'EdDSA', use: 'sig' },
    privateSealed: seal(privateDer, encryptionKey, keyId),
  }
}

/** Throws a sentence when the configured key is not the one that sealed it, or the row was changed. */
export function openPrivateKey(stored: StoredKey, encryptionKey: Buffer): Buffer {
  try {
    return unseal(stored, encryptionKey)
  } catch (cause) {
    const text = 'KEY_ENCRYPTION_KEY is not the key that the signing keys were stored with.'
    throw new StartError(text, { cause })
  }
}

function unseal(stored: StoredKey, encryptionKey: Buffer): Buffer {
  const nonce = stored.privateSealed.subarray(0, nonceBytes)
  const tag = stored.privateSealed.subarray(nonceBytes, nonceBytes + tagBytes)
  const decipher = createDecipheriv('aes-256-gcm', encryptionKey, nonce, {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(stored.keyId))
  decipher.setAuthTag(tag)
  const sealed = stored.privateSealed.subarray(nonceBytes + tagBytes)
  return Buffer.concat([decipher.update(sealed), decipher.final()])
}

// The key id is authenticated too: a private half cannot be moved to the row of another key.
function seal(plain: Buffer, encryptionKey: Buffer, keyId: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', encryptionKey, nonce, { authTagLength: tagBytes })
  cipher.setAAD(Buffer.from(keyId))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}
