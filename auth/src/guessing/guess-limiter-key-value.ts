import { networkOf } from '@ego/kit/http/client-ip'
import type { KeyValue } from '@ego/kit/key-value/key-value'
import type { Guess, GuessLimiter } from './guess-limiter.ts'
import { digest, type Quota, quotaKey, tooManyAttempts } from './quotas.ts'
import { createSlots } from './slots.ts'

export type GuessLimits = { missesMax: number; waitMsMax: number; perIp: Quota }

/** A count of misses. `waitMs` says how long to wait after the miss with this count; 0 is no wait. */
type Counter = {
  key: string
  max: number
  windowMs: number
  waitMs: (count: number, resetsInMs: number) => number
}

const minuteMs = 60_000
const missesKeptMs = 60 * minuteMs
const firstWaitMs = 15_000

type Config = {
  LOGIN_MISSES_MAX: number
  LOGIN_WAIT_SECONDS_MAX: number
  LOGIN_MISSES_PER_IP: number
}

export function guessLimitsOf(config: Config): GuessLimits {
  return {
    missesMax: config.LOGIN_MISSES_MAX,
    waitMsMax: config.LOGIN_WAIT_SECONDS_MAX * 1000,
    perIp: { name: 'miss', max: config.LOGIN_MISSES_PER_IP, windowMs: 15 * minuteMs },
  }
}

type Deps = { keyValue: KeyValue; limits: GuessLimits; now: () => number }

export function createGuessLimiter({ keyValue, limits, now }: Deps): GuessLimiter {
  const inSlot = createSlots()
  /** Misses that the store has not taken yet, by key. */
  const uncounted = new Map<string, number>()

  async function slotsOf(counter: Counter): Promise<number> {
    await countUncounted(counter)
    const { key, max } = counter
    const blockedUntilMs = numberIn(await keyValue.get(`block:${key}`))
    if (blockedUntilMs > now()) throw tooManyAttempts(blockedUntilMs - now())
    const misses = numberIn(await keyValue.get(key))
    // After a wait there is one attempt, whatever was counted before.
    return Math.max(1, max - misses)
  }

  async function missed(counter: Counter): Promise<void> {
    try {
      await count(counter)
    } catch {
      // The next attempt gets the error: an error for this one would also tell that the guess was wrong.
      addUncounted(counter.key, 1)
    }
  }

  async function countUncounted(counter: Counter): Promise<void> {
    while (uncounted.has(counter.key)) {
      await count(counter)
      addUncounted(counter.key, -1)
    }
  }

  function addUncounted(key: string, misses: number): void {
    const all = (uncounted.get(key) ?? 0) + misses
    if (all > 0) uncounted.set(key, all)
    else uncounted.delete(key)
  }

  async function count({ key, windowMs, waitMs }: Counter): Promise<void> {
    const misses = await keyValue.increment(key, windowMs)
    const ms = waitMs(misses.count, misses.resetsInMs)
    if (ms > 0) await keyValue.set(`block:${key}`, String(now() + ms), ms)
  }

  return {
    attempt(guess, check) {
      const [ofAccount, ofIp] = countersOf(guess, limits)
      const checked = async () => {
        const isRight = await check()
        if (!isRight) await Promise.all([missed(ofAccount), missed(ofIp)])
        return isRight
      }
      const inSlotOfIp = () => inSlot(ofIp.key, () => slotsOf(ofIp), checked)
      return inSlot(ofAccount.key, () => slotsOf(ofAccount), inSlotOfIp)
    },
    async forgive(guess) {
      const [{ key }] = countersOf(guess, limits)
      uncounted.delete(key)
      await Promise.all([keyValue.delete(key), keyValue.delete(`block:${key}`)])
    },
  }
}

/** Any other text under the key is no count of ours. */
function numberIn(kept: string | null): number {
  return Number(kept) || 0
}

function countersOf({ target, ip }: Guess, limits: GuessLimits): [Counter, Counter] {
  const { missesMax, waitMsMax, perIp } = limits
  const network = networkOf(ip)
  const ofAccount = {
    key: `attempt:${digest(`${subjectOf(target)}\n${network}`)}`,
    max: missesMax,
    windowMs: missesKeptMs,
    waitMs: (count: number) => (count > missesMax ? waitAfter(count - missesMax, waitMsMax) : 0),
  }
  const ofIp = {
    key: quotaKey(perIp, network),
    max: perIp.max,
    windowMs: perIp.windowMs,
    waitMs: (count: number, resetsInMs: number) => (count < perIp.max ? 0 : resetsInMs),
  }
  return [ofAccount, ofIp]
}

function waitAfter(step: number, waitMsMax: number): number {
  return Math.min(waitMsMax, firstWaitMs * 2 ** (step - 1))
}

/** An id cannot be mistaken for a name: no name has a colon. */
function subjectOf(target: number | string): string {
  return typeof target === 'number' ? `id:${target}` : `name:${toLowerCase(target)}`
}

/**
 * By character, as Postgres does it: if `İ` became another character here than there, the count would tell which names have
 * an account.
 */
export function toLowerCase(name: string): string {
  return Array.from(name, (each) => Array.from(each.toLowerCase())[0]).join('')
}
