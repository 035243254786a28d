import { createPrivateKey } from 'node:crypto'
import { assertionType } from '@ego/contracts/identity'
import { testIssuer } from '@ego/kit/testing/identity'
import type { Forge } from '@ego/kit/testing/tokens/forge'
import { openPrivateKey, type PublicJwk } from '../../src/key/signing-key.ts'
import type { TestAuth } from '../start-auth.ts'

type KeyRow = { key_id: string; public_jwk: PublicJwk; private_sealed: Buffer }

/** Signs with the key of the service, which takes both its database and its configuration. */
export async function ownForge({ sql, environment }: TestAuth): Promise<Forge> {
  const [row] = await sql<[KeyRow]>`
    select key_id, public_jwk, private_sealed
    from signing_key`
  const stored = { keyId: row.key_id, publicJwk: row.public_jwk, privateSealed: row.private_sealed }
  const key = openPrivateKey(stored, Buffer.from(environment.KEY_ENCRYPTION_KEY, 'base64url'))
  const iat = Math.floor(Date.now() / 1000)
  return {
    privateKey: createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
    header: { alg: 'EdDSA', kid: stored.keyId, typ: 'at+jwt' },
    claims: {
      iss: testIssuer,
      aud: 'ego',
      sub: '7',
      sid: '01900000-0000-7000-8000-00000000000a',
      roles: [],
      iat,
      exp: iat + 600,
      jti: 'a',
    },
    otherType: assertionType,
  }
}
