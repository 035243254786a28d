import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { createSingleFlight } from '../../async/single-flight.ts'

export type Fetch = (url: string, options: RequestInit) => Promise<Response>

const timeoutMs = 3_000
const keptMs = 10 * 60_000
const readEveryMs = 100

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

/**
 * Reads the public keys of auth once, and again when a key id is unknown. An unknown id is refused only after a read that
 * began later than the request, so a published key is never refused, however fast keys rotate.
 */
export function remoteKeys(url: string, fetch: Fetch): JWTVerifyGetKey {
  let known: JWTVerifyGetKey | null = null
  let readAtMs = 0

  const read = createSingleFlight(async () => {
    const begunAtMs = performance.now()
    known = await readKeys(url, fetch)
    readAtMs = begunAtMs
    return known
  }, readEveryMs)

  return async (header, token) => {
    if (!known || performance.now() - readAtMs > keptMs) return (await read())(header, token)
    try {
      return await known(header, token)
    } catch (error) {
      if (!isUnknownKey(error, header)) throw error
      return (await read())(header, token)
    }
  }
}

export function isUnknownKey(error: unknown, header: { kid?: unknown }): boolean {
  return error instanceof errors.JWKSNoMatchingKey && typeof header.kid === 'string'
}

async function readKeys(url: string, fetch: Fetch): Promise<JWTVerifyGetKey> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status !== 200) throw new Error(`The answer has the status ${response.status}.`)
    return createLocalJWKSet(keySet.parse(await response.json()))
  } catch (cause) {
    // The generic error of jose: a more specific one would mean that the token is invalid.
    throw new errors.JOSEError(`The public keys at ${url} cannot be read.`, { cause })
  }
}
