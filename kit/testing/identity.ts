import {
  assertionAudience,
  assertionLifetimeSeconds,
  assertionType,
  identityHeaders,
} from '@ego/contracts/identity'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Caller } from '../http/identity/caller.ts'
import type { Fetch } from '../http/identity/remote-keys.ts'

export const testIssuer = 'http://localhost:9080'

export type TestIdentity = {
  /** Responds like the JWKS endpoint of auth. */
  fetch: Fetch
  /** The headers that the gateway sets for this caller. */
  headers(caller?: Partial<Caller>): Promise<Record<string, string>>
}

/** Stands in for auth in tests of other services: same headers and signature algorithm, but its own key. */
export async function testIdentity(): Promise<TestIdentity> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'EdDSA', use: 'sig' }
  return {
    fetch: async () => Response.json({ keys: [jwk] }),
    async headers({ userId = 1, sessionId = 'session', roles = [] } = {}) {
      const iat = Math.floor(Date.now() / 1000)
      const assertion = await new SignJWT({ sid: sessionId, roles: [...roles] })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'test', typ: assertionType })
        .setSubject(String(userId))
        .setIssuer(testIssuer)
        .setAudience(assertionAudience)
        .setIssuedAt(iat)
        .setExpirationTime(iat + assertionLifetimeSeconds)
        .sign(privateKey)
      return {
        [identityHeaders.userId]: String(userId),
        [identityHeaders.sessionId]: sessionId,
        [identityHeaders.roles]: roles.join(','),
        [identityHeaders.assertion]: assertion,
      }
    },
  }
}
