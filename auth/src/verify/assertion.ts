import { assertionAudience, assertionLifetimeSeconds, assertionType } from '@ego/contracts/identity'
import type { Keyring } from '../key/keyring.ts'
import type { AccessClaims } from '../session/access-token.ts'

export type Assertions = {
  make(claims: AccessClaims): Promise<{ assertion: string; freshUntilMs: number }>
}

type Deps = { keyring: Pick<Keyring, 'sign'>; issuer: string; now: () => number }

/** Reused only for the first half of its life, so that a service never receives one about to expire. */
const reusedMs = 30_000

/** Signs for the services behind the gateway who the caller is. */
export function createAssertions({ keyring, issuer, now }: Deps): Assertions {
  return {
    async make({ userId, sessionId, roles }) {
      const madeAtMs = now()
      const iat = Math.floor(madeAtMs / 1000)
      const assertion = await keyring.sign(assertionType, {
        iss: issuer,
        aud: assertionAudience,
        sub: String(userId),
        sid: sessionId,
        roles: [...roles],
        iat,
        exp: iat + assertionLifetimeSeconds,
      })
      return { assertion, freshUntilMs: madeAtMs + reusedMs }
    },
  }
}
