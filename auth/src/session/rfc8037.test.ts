import { createPrivateKey, createPublicKey } from 'node:crypto'
import {
  CompactSign,
  calculateJwkThumbprint,
  compactVerify,
  createLocalJWKSet,
  importJWK,
} from 'jose'
import { describe, expect, test } from 'vitest'
import { createSigningKey } from '../key/signing-key.ts'
import { createAccessTokens } from './access-token.ts'

// The values of appendix A as they are printed there: what signs and verifies here agrees with the standard, not only
// with itself.
const publicJwk = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
}
const privateJwk = { ...publicJwk, d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }
const thumbprint = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
const payload = 'Example of Ed25519 signing'
const signingInput = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
const signature =
  'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'
const jws = `${signingInput}.${signature}`

const algorithms = ['EdDSA']

describe('RFC 8037', () => {
  test('A.1 and A.2: the public half belongs to the private one', () => {
    const key = createPublicKey(createPrivateKey({ key: privateJwk, format: 'jwk' }))
    expect(key.export({ format: 'jwk' })).toEqual(publicJwk)
  })

  test('A.3: the thumbprint of a key is its key id', async () => {
    expect(await calculateJwkThumbprint(publicJwk)).toBe(thumbprint)
    const { keyId, publicJwk: made } = await createSigningKey(Buffer.alloc(32))
    expect(keyId).toBe(await calculateJwkThumbprint(made))
  })

  test('A.4: the signature comes out letter by letter', async () => {
    const signing = new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: 'EdDSA' })
    expect(await signing.sign(await importJWK(privateJwk, 'EdDSA'))).toBe(jws)
  })

  test('A.5: the signature holds, for this payload alone', async () => {
    const key = createLocalJWKSet({ keys: [publicJwk] })
    const verified = await compactVerify(jws, key, { algorithms })
    expect(Buffer.from(verified.payload).toString()).toBe(payload)
    const other = Buffer.from('Example of Ed25519 signing.').toString('base64url')
    const [header] = jws.split('.')
    const changed = `${header}.${other}.${signature}`
    await expect(compactVerify(changed, key, { algorithms })).rejects.toThrow('signature')
  })

  test('A.5 is no access token, though its signature holds', async () => {
    const { read } = createAccessTokens({
      keyring: { find: createLocalJWKSet({ keys: [publicJwk] }), sign: async () => '' },
      issuer: 'http://localhost:9080',
      audience: 'ego',
      now: Date.now,
    })
    await expect(read(jws)).rejects.toMatchObject({ status: 401, code: 'token_invalid' })
  })
})
