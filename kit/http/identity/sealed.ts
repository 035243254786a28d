import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { isKeyText } from '../../process/key-text.ts'

/** Not one of ours: made for another key, changed, cut off or made in another way. */
export class SealedError extends Error {
  override name = 'SealedError'
}

const algorithm = 'ECDH-ES'
const encryption = 'A256GCM'
// What comes before the key itself in a PKCS #8 document of X25519 (RFC 8410).
const privateKeyPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** Whoever has the public key seals JSON values that only the holder of the private one can read. */
export function sealFor(publicKey: string): (value: unknown) => Promise<string> {
  const x = keyOf(publicKey).toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })
  return (value) => {
    const text: string | undefined = JSON.stringify(value)
    if (text === undefined) throw new TypeError('Only what JSON can hold can be sealed.')
    return new CompactEncrypt(new TextEncoder().encode(text))
      .setProtectedHeader({ alg: algorithm, enc: encryption })
      .encrypt(key)
  }
}

/** Rejects with a `SealedError` that tells nothing of the content. */
export function openWith(privateKey: string): (sealed: string) => Promise<unknown> {
  const key = toPrivateKey(privateKey)
  return async (sealed) => parse(await decrypt(sealed, key))
}

/** Any 32 random bytes are a private key; this is its public half. */
export function sealingPublicKey(privateKey: string): string {
  const { x = '' } = createPublicKey(toPrivateKey(privateKey)).export({ format: 'jwk' })
  return x
}

async function decrypt(sealed: string, key: KeyObject): Promise<Uint8Array> {
  try {
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: [algorithm],
      contentEncryptionAlgorithms: [encryption],
    })
    return plaintext
  } catch (cause) {
    throw new SealedError('The sealed text cannot be opened with this key.', { cause })
  }
}

function parse(plaintext: Uint8Array): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(plaintext))
  } catch {
    value = undefined
  }
  // The parser's own error would quote what it read, so it is not even the cause.
  if (value === undefined) throw new SealedError('The sealed text does not hold JSON.')
  return value
}

function toPrivateKey(privateKey: string): KeyObject {
  const key = Buffer.concat([privateKeyPrefix, keyOf(privateKey)])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

function keyOf(text: string): Buffer {
  if (!isKeyText(text)) throw new TypeError('A key for sealing is 32 bytes in base64url.')
  return Buffer.from(text, 'base64url')
}
