import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { createLimiter } from '@ego/kit/async/limiter'
import { hash, verify } from '@node-rs/argon2'
import { signInQueue } from '../guessing/slots.ts'
import type { Passwords } from './passwords.ts'

export type Argon2Cost = { memoryKib: number; passes: number }

/** What does the work; given by a test that counts it. */
type Engine = { verify(known: string, password: string): Promise<boolean> }

/** argon2id. One hash a core at a time: more would only make every one of them slower. */
export async function argon2Passwords(
  { memoryKib, passes }: Argon2Cost,
  engine: Engine = { verify },
): Promise<Passwords> {
  const options = { memoryCost: memoryKib, timeCost: passes, parallelism: 1 }
  const limit = createLimiter({ ...signInQueue, runningMax: availableParallelism() })
  const randomHash = await hash(randomBytes(32), options)
  const decoys = createDecoys(randomHash)
  return {
    isOutdated: (known) => parametersOf(known) !== parametersOf(randomHash),
    hash: (password) => limit(() => hash(password, options)),
    matches: (password, known) =>
      // All in one run: a 503 in between would be a guess that is not counted.
      limit(async () => {
        if (known && (await engine.verify(known, password))) return true
        for (const decoy of decoys.besides(known)) await engine.verify(decoy, password)
        return false
      }),
  }
}

/**
 * The time of a wrong password would show which account has a hash with older parameters. So each check costs one hash
 * under every set of parameters met so far: the account's own hash, and a decoy for each other set. The first hash with
 * older parameters is the exception: only from then on do all other checks pay for them too.
 */
function createDecoys(randomHash: string) {
  const [salt, digest] = randomHash.split('$').slice(-2)
  const decoys = new Map([[parametersOf(randomHash), randomHash]])
  return {
    besides(known: string | null): string[] {
      const own = known && parametersOf(known)
      if (own && !decoys.has(own)) decoys.set(own, `${own}$${salt}$${digest}`)
      return [...decoys].flatMap(([parameters, decoy]) => (parameters === own ? [] : decoy))
    },
  }
}

function parametersOf(hash: string): string {
  return hash.split('$').slice(0, -2).join('$')
}
