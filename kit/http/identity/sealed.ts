import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { isKeyText } from '../../process/key-text.ts'

/** The text cannot be opened: it was sealed for another key or in another way, or it was changed. */
export class SealedError extends Error {
  override name = 'SealedError'
}

const algorithm = 'ECDH-ES'
const encryption = 'A256GCM'
// The bytes before the key in a PKCS #8 document of X25519 (RFC 8410).
const privateKeyPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** Returns a function that seals JSON values, which only the holder of the private key can open. */
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

/** Returns a function that opens sealed values. It rejects with a `SealedError`, which does not reveal the content. */
export function openWith(privateKey: string): (sealed: string) => Promise<unknown> {
  const key = toPrivateKey(privateKey)
  return async (sealed) => parse(await decrypt(sealed, key))
}

/** Derives the public half of a private key, which is any 32 random bytes. */
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
  // The parser's error quotes its input, so it is not kept as the cause.
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
