import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'

export type Fetch = (url: string, options: RequestInit) => Promise<Response>

const timeoutMs = 3_000
const cacheMs = 10 * 60_000
// An unknown key id is most likely a fresh rotation; asking again soon keeps it from being refused for long.
const cooldownMs = 1_000

/** The public keys of auth, read once and again when a key id is new. */
export function remoteKeys(url: string, fetch: Fetch): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeoutMs,
    cacheMaxAge: cacheMs,
    cooldownDuration: cooldownMs,
    [customFetch]: fetch,
  })
}
