import { memoryKeyValue } from '@ego/kit/key-value/key-value-memory'
import { describe, expect, test } from 'vitest'
import { createGuessLimiter } from '../guessing/guess-limiter-key-value.ts'
import type { StoredSession } from '../session/store.ts'
import { provePassword, refusePasswordAsName } from './proof.ts'

const account = {
  userId: 1,
  username: 'owner',
  userEmail: 'owner@example.com',
  isEmailVerified: true,
  roles: [],
  status: 'active' as const,
  createdAt: new Date(0),
}
const session: StoredSession = {
  sessionId: 'a',
  secret: Buffer.alloc(0),
  counter: 0,
  rotatedAt: new Date(0),
  createdAt: new Date(0),
  lastUsedAt: new Date(0),
  account,
}
const prover = { userId: 1, sessionId: 'a', ip: '192.0.2.1' }
const right = 'a good passphrase'

/** A session that ends while the hash is made, or whenever `end` is called. */
function guarded({ endsInHash = false } = {}) {
  const state = { isAlive: true, hashed: 0, counted: 0, forgiven: 0 }
  const keyValue = memoryKeyValue()
  const limits = {
    missesMax: 5,
    waitMsMax: 1000,
    perIp: { name: 'miss', max: 99, windowMs: 1000 },
  }
  const counting = {
    ...keyValue,
    increment(key: string, windowMs: number) {
      state.counted += 1
      return keyValue.increment(key, windowMs)
    },
  }
  const limiter = createGuessLimiter({ keyValue: counting, limits, now: Date.now })
  const deps = {
    accounts: { findProof: async () => ({ passwordHash: 'hash', passwordSince: 'then' }) },
    sessions: { find: async () => (state.isAlive ? session : null) },
    passwords: {
      async matches(password: string) {
        state.hashed += 1
        if (endsInHash) state.isAlive = false
        return password === right
      },
    },
    guesses: {
      attempt: limiter.attempt,
      async forgive() {
        state.forgiven += 1
      },
    },
  }
  return {
    state,
    prove: (password: string) => provePassword(deps, prover, password),
    refuse: (username: string) => refusePasswordAsName(deps, account, { username }, prover),
  }
}

const ended = { status: 401, code: 'token_invalid' }

describe.each([right, 'a wrong passphrase'])('a session that has ended and sends: %s', (sent) => {
  test('is told so, and nothing is hashed, counted or forgiven', async () => {
    const { state, prove, refuse } = guarded()
    state.isAlive = false
    await expect(prove(sent)).rejects.toMatchObject(ended)
    await expect(refuse(sent)).rejects.toMatchObject(ended)
    expect(state).toEqual({ isAlive: false, hashed: 0, counted: 0, forgiven: 0 })
  })

  test('is told so when it ended while the hash was waited for', async () => {
    const { state, prove } = guarded({ endsInHash: true })
    await expect(prove(sent)).rejects.toMatchObject(ended)
    expect(state).toEqual({ isAlive: false, hashed: 1, counted: 0, forgiven: 0 })
  })
})

test('a session that is alive learns whether the password is right', async () => {
  const { state, prove } = guarded()
  await expect(prove('a wrong passphrase')).rejects.toMatchObject({ status: 403 })
  await expect(prove(right)).resolves.toBe('then')
  expect(state).toEqual({ isAlive: true, hashed: 2, counted: 2, forgiven: 1 })
})
