import { createPrivateKey, randomBytes } from 'node:crypto'
import { base64url, CompactEncrypt, compactDecrypt, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { openWith, SealedError, sealFor, sealingPublicKey } from './sealed.ts'

const privateKey = randomBytes(32).toString('base64url')
const publicKey = sealingPublicKey(privateKey)
const seal = sealFor(publicKey)
const open = openWith(privateKey)
const secret = { to: 'canary@example.com', token: 'canary-token' }

describe('a sealed value', () => {
  it.each([secret, null, 0, '', [], 'ü🙂 \u2028'])('is opened unchanged: %j', async (value) => {
    expect(await open(await seal(value))).toEqual(value)
  })

  it('does not reveal its content, and differs each time', async () => {
    const sealed = await seal(secret)
    const visible = sealed.split('.').map((piece) => Buffer.from(piece, 'base64url').toString())
    expect(visible.join()).not.toContain('canary')
    expect(await seal(secret)).not.toBe(sealed)
  })

  it('names its algorithms', async () => {
    const [header = ''] = (await seal(1)).split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({
      alg: 'ECDH-ES',
      enc: 'A256GCM',
      epk: { crv: 'X25519' },
    })
  })

  it('is read by any JOSE library that has the key as a JWK', async () => {
    const d = privateKey
    const key = await importJWK({ kty: 'OKP', crv: 'X25519', x: publicKey, d }, 'ECDH-ES')
    const { plaintext } = await compactDecrypt(await seal(secret), key)
    expect(JSON.parse(Buffer.from(plaintext).toString())).toEqual(secret)
  })

  it('is refused by another key', async () => {
    const other = openWith(randomBytes(32).toString('base64url'))
    await expect(other(await seal(secret))).rejects.toThrow(SealedError)
  })

  it('is refused when any part is changed or cut off', async () => {
    const sealed = await seal(secret)
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = `${sealed.slice(0, at)}${another(sealed[at])}${sealed.slice(at + 1)}`
      await expect(open(changed), `changed at ${at}`).rejects.toThrow(SealedError)
      await expect(open(sealed.slice(0, at)), `cut at ${at}`).rejects.toThrow(SealedError)
    }
    await expect(open(`${sealed}A`)).rejects.toThrow(SealedError)
    await expect(open(`${sealed}.`)).rejects.toThrow(SealedError)
  })

  it.each(['', '.', '....', 'not sealed', '{}'])('%j is refused', async (text) => {
    await expect(open(text)).rejects.toThrow(SealedError)
  })
})

describe('a text made in another way is refused', () => {
  it.each([
    ['dir', 'A256GCM'],
    ['A256KW', 'A256GCM'],
    ['PBES2-HS256+A128KW', 'A256GCM'],
  ])('%s with the private key as a shared one', async (alg, enc) => {
    const text = await encrypt({ alg, enc }, base64url.decode(privateKey))
    await expect(open(text)).rejects.toThrow(SealedError)
  })

  it.each([
    ['ECDH-ES+A256KW', 'A256GCM'],
    ['ECDH-ES', 'A128GCM'],
    ['ECDH-ES', 'A256CBC-HS512'],
  ])('%s and %s for the right key', async (alg, enc) => {
    const key = await importJWK({ kty: 'OKP', crv: 'X25519', x: publicKey }, alg)
    await expect(open(await encrypt({ alg, enc }, key))).rejects.toThrow(SealedError)
  })

  it('content that is not JSON, without quoting it', async () => {
    const key = await importJWK({ kty: 'OKP', crv: 'X25519', x: publicKey }, 'ECDH-ES')
    const text = await encrypt({ alg: 'ECDH-ES', enc: 'A256GCM' }, key, 'canary')
    const error: unknown = await open(text).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(SealedError)
    expect(JSON.stringify([String(error), Object(error).stack, Object(error).cause])).not.toContain(
      'canary',
    )
  })
})

describe('a key', () => {
  it('is a valid X25519 key for node:crypto', () => {
    const jwk = { kty: 'OKP', crv: 'X25519', x: publicKey, d: privateKey }
    expect(createPrivateKey({ key: jwk, format: 'jwk' }).asymmetricKeyType).toBe('x25519')
  })

  it.each(['', 'short', randomBytes(31), randomBytes(33), `${privateKey} `, `${privateKey}=`])(
    'that is not 32 bytes in base64url is refused at once: %j',
    (key) => {
      const text = typeof key === 'string' ? key : key.toString('base64url')
      expect(() => sealFor(text)).toThrow(TypeError)
      expect(() => openWith(text)).toThrow(TypeError)
      expect(() => sealingPublicKey(text)).toThrow(TypeError)
    },
  )

  it('does not seal a value that JSON cannot represent', () => {
    expect(() => seal(undefined)).toThrow(TypeError)
  })
})

const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']

/** Changes the highest of the six bits, because the lower ones may be unused in the last character. */
const another = (character = '') => alphabet[alphabet.indexOf(character) ^ 32]

async function encrypt(
  header: { alg: string; enc: string },
  key: Parameters<CompactEncrypt['encrypt']>[0],
  text = '{}',
): Promise<string> {
  return new CompactEncrypt(Buffer.from(text)).setProtectedHeader(header).encrypt(key)
}
