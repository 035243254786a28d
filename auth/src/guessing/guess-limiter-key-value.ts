import { createHash } from 'node:crypto'
import { networkOf } from '@ego/kit/http/client-ip'
import { Problem } from '@ego/kit/http/problem'
import type { KeyValue } from '@ego/kit/key-value/key-value'
import { places } from './slots.ts'

/** How often something may be tried, and how the counters are named. */
export type Quota = { name: string; max: number; windowMs: number }

export type MissLimits = { missesMax: number; waitMsMax: number; perIp: Quota }

/** The subject is who is guessed at: one name for an account, however it was typed. */
export type Attempt = { subject: string; ip: string }

/**
 * Guards against guessing. The counters are for an account and a network together: somebody who guesses makes only
 * himself wait, and the owner still gets in from elsewhere.
 */
export type Attempts = {
  /**
   * Answers what the check says; `false` is a miss. No more checks run at once than misses are left, so that many at
   * once are no way around; the others wait for their turn. Throws a 429 Problem when none are left. A check that
   * throws was never made, and does not count. A miss that the store does not take is answered all the same, and owed:
   * until the store has taken it, nothing more is checked for the account from there, nor for others from the same
   * network, and whoever tries, right or wrong, gets the error of the store.
   */
  make(attempt: Attempt, check: () => Promise<boolean>): Promise<boolean>
  /** Forgets the misses for the account from this network. */
  forgive(attempt: Attempt): Promise<void>
}

/** `waitMs` says how long nobody may try after the miss with this count; 0 is no wait. */
type Guard = {
  key: string
  max: number
  windowMs: number
  waitMs: (count: number, resetsInMs: number) => number
}

const missesKeptMs = 3_600_000
const firstWaitMs = 15_000

type Deps = { keyValue: KeyValue; limits: MissLimits; now: () => number }

export function attempts({ keyValue, limits, now }: Deps): Attempts {
  const inPlace = places()
  /** Misses that the store has not taken yet. */
  const owed = new Map<string, number>()

  async function placesOf(guard: Guard): Promise<number> {
    await countOwed(guard)
    const { key, max } = guard
    const blockedUntilMs = numberIn(await keyValue.get(`block:${key}`))
    if (blockedUntilMs > now()) throw tooMany(blockedUntilMs - now())
    const misses = numberIn(await keyValue.get(key))
    // After a wait there is one attempt, whatever was counted before.
    return Math.max(1, max - misses)
  }

  async function missed(guard: Guard): Promise<void> {
    try {
      await count(guard)
    } catch {
      // The next one hears of it: an error for this one would tell just as well that the guess was wrong.
      owe(guard.key, 1)
    }
  }

  async function countOwed(guard: Guard): Promise<void> {
    while (owed.has(guard.key)) {
      await count(guard)
      owe(guard.key, -1)
    }
  }

  function owe(key: string, misses: number): void {
    const all = (owed.get(key) ?? 0) + misses
    if (all > 0) owed.set(key, all)
    else owed.delete(key)
  }

  async function count({ key, windowMs, waitMs }: Guard): Promise<void> {
    const misses = await keyValue.increment(key, windowMs)
    const ms = waitMs(misses.count, misses.resetsInMs)
    if (ms > 0) await keyValue.set(`block:${key}`, String(now() + ms), ms)
  }

  return {
    make(attempt, check) {
      const [ofAccount, ofIp] = guardsOf(attempt, limits)
      const checked = async () => {
        const isRight = await check()
        if (!isRight) await Promise.all([missed(ofAccount), missed(ofIp)])
        return isRight
      }
      const inPlaceOfIp = () => inPlace(ofIp.key, () => placesOf(ofIp), checked)
      return inPlace(ofAccount.key, () => placesOf(ofAccount), inPlaceOfIp)
    },
    async forgive(attempt) {
      const [{ key }] = guardsOf(attempt, limits)
      owed.delete(key)
      await Promise.all([keyValue.delete(key), keyValue.delete(`block:${key}`)])
    },
  }
}

/** Whatever else stands there is nothing that we have counted. */
function numberIn(kept: string | null): number {
  return Number(kept) || 0
}

function guardsOf({ subject, ip }: Attempt, limits: MissLimits): [Guard, Guard] {
  const { missesMax, waitMsMax, perIp } = limits
  const network = networkOf(ip)
  const ofAccount = {
    key: `attempt:${digest(`${subject}\n${network}`)}`,
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

/** Takes one of what is allowed in the window; throws a 429 Problem when nothing is left. */
export function takeQuota({ keyValue }: Pick<Deps, 'keyValue'>) {
  return async (quota: Quota, subject: string): Promise<void> => {
    const { count, resetsInMs } = await keyValue.increment(quotaKey(quota, subject), quota.windowMs)
    if (count > quota.max) throw tooMany(resetsInMs)
  }
}

/** Takes one too, but only answers `false` when nothing is left: for what the caller must not learn. */
export function tryQuota({ keyValue }: Pick<Deps, 'keyValue'>) {
  return async (quota: Quota, subject: string): Promise<boolean> => {
    const { count } = await keyValue.increment(quotaKey(quota, subject), quota.windowMs)
    return count <= quota.max
  }
}

/** An id cannot be mistaken for a name: no name has a colon. */
export function subjectOf(userId: number): string {
  return `id:${userId}`
}

/**
 * A name that nobody has. Letter by letter, as Postgres does it: would `İ` be another letter here than there, the count
 * would tell who has an account.
 */
export function subjectOfStranger(name: string): string {
  const letters = Array.from(name, (letter) => Array.from(letter.toLowerCase())[0])
  return `name:${letters.join('')}`
}

function quotaKey({ name }: Quota, subject: string): string {
  return `quota:${name}:${digest(subject.toLowerCase())}`
}

/** What people type is hashed: a key has a limit, and names should not lie around in another engine. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

function waitAfter(step: number, waitMsMax: number): number {
  return Math.min(waitMsMax, firstWaitMs * 2 ** (step - 1))
}

function tooMany(waitMs: number): Problem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  const text = `That was tried too often. Try again in ${seconds} seconds.`
  return new Problem(429, 'too_many_attempts', text, {
    headers: { 'retry-after': String(seconds) },
  })
}
