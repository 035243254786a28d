import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { createLimiter } from '@ego/kit/async/limiter'
import { hash, verify } from '@node-rs/argon2'
import { signInQueue } from '../guessing/queue.ts'
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
  const inTurn = createLimiter({ ...signInQueue, runningMax: availableParallelism() })
  const nobodysHash = await hash(randomBytes(32), options)
  const decoys = decoysFrom(nobodysHash)
  return {
    isOutdated: (known) => parametersOf(known) !== parametersOf(nobodysHash),
    hash: (password) => inTurn(() => hash(password, options)),
    matches: (password, known) =>
      // All in one turn: a 503 in between would be a guess that nobody has counted.
      inTurn(async () => {
        if (known && (await engine.verify(known, password))) return true
        for (const decoy of decoys.besides(known)) await engine.verify(decoy, password)
        return false
      }),
  }
}

/**
 * Whose hash was made under older parameters would show in the time of a wrong password. So each one costs as much as one
 * hash under all the parameters that were met: the account's own, and nobody's for the others. The first hash under older
 * ones is the exception: only from then on does everybody else pay for them too.
 */
function decoysFrom(nobodysHash: string) {
  const [salt, digest] = nobodysHash.split('$').slice(-2)
  const decoys = new Map([[parametersOf(nobodysHash), nobodysHash]])
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
