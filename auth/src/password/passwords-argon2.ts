import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { bounded } from './bounded.ts'
import type { Passwords } from './passwords.ts'

export type Argon2Cost = { memoryKib: number; passes: number }

// At about 10 ms each, the last one in the queue waits some two seconds on a small machine.
const waitingMax = 400

/** argon2id. One hash a core at a time: more would only make every one of them slower. */
export async function argon2Passwords({ memoryKib, passes }: Argon2Cost): Promise<Passwords> {
  const options = { memoryCost: memoryKib, timeCost: passes, parallelism: 1 }
  const inTurn = bounded(availableParallelism(), waitingMax)
  const nobodysHash = await hash(randomBytes(32), options)
  return {
    isOutdated: (known) => !known.includes(`$m=${memoryKib},t=${passes},p=1$`),
    hash: (password) => inTurn(() => hash(password, options)),
    async matches(password, known) {
      const isRight = await inTurn(() => verify(known ?? nobodysHash, password))
      return isRight && known !== null
    },
  }
}
