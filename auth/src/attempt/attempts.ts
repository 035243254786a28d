import { createHash } from 'node:crypto'
import type { KeyValue } from '@ego/kit/key-value'
import { Problem } from '@ego/kit/problem'

/** How often something may be tried, and how the counters are named. */
export type Quota = { name: string; max: number; windowMs: number }

export type MissLimits = { missesMax: number; waitMsMax: number; perIp: Quota }

/** The subject is who is guessed at: one name for an account, however it was typed. */
export type Attempt = { subject: string; ip: string }

/**
 * Guards against guessing. The counters are for an account and an address together: somebody who guesses makes only
 * himself wait, and the owner still gets in from elsewhere.
 */
export type Attempts = {
  /** Counts the attempt before it is made, so that many at once are no way around; throws a 429 Problem. */
  begin(attempt: Attempt): Promise<void>
  succeeded(attempt: Attempt): Promise<void>
  missed(attempt: Attempt): Promise<void>
}

const missesKeptMs = 3_600_000
const firstWaitMs = 15_000

type Deps = { keyValue: KeyValue; limits: MissLimits; now: () => number }

export function attempts({ keyValue, limits, now }: Deps): Attempts {
  return {
    async begin(attempt) {
      const key = keyOf(attempt)
      const blockedUntilMs = Number((await keyValue.get(`block:${key}`)) ?? 0)
      if (blockedUntilMs > now()) throw tooMany(blockedUntilMs - now())
      const ofIp = Number((await keyValue.get(quotaKey(limits.perIp, attempt.ip))) ?? 0)
      if (ofIp >= limits.perIp.max) throw tooMany(limits.perIp.windowMs)

      const { count } = await keyValue.increment(`try:${key}`, missesKeptMs)
      if (count <= limits.missesMax) return
      const waitMs = waitAfter(count - limits.missesMax, limits.waitMsMax)
      // One attempt goes ahead at each step of the way; the others of the same moment wait.
      const untilMs = String(now() + waitMs)
      if (!(await keyValue.setIfAbsent(`block:${key}`, untilMs, waitMs))) throw tooMany(waitMs)
    },
    async succeeded(attempt) {
      const key = keyOf(attempt)
      await Promise.all([keyValue.delete(`try:${key}`), keyValue.delete(`block:${key}`)])
    },
    async missed({ ip }) {
      await keyValue.increment(quotaKey(limits.perIp, ip), limits.perIp.windowMs)
    },
  }
}

/** Takes one of what is allowed in the window; throws a 429 Problem when nothing is left. */
export function takeQuota({ keyValue }: Pick<Deps, 'keyValue'>) {
  return async (quota: Quota, subject: string): Promise<void> => {
    const { count, resetsInMs } = await keyValue.increment(quotaKey(quota, subject), quota.windowMs)
    if (count > quota.max) throw tooMany(resetsInMs)
  }
}

// What people type is hashed: a key has a limit, and names should not lie around in another engine.
/** An id cannot be mistaken for a name: no name has a colon. */
export function subjectOf(userId: number): string {
  return `id:${userId}`
}

function keyOf({ subject, ip }: Attempt): string {
  return digest(`${subject}\n${ip}`)
}

function quotaKey({ name }: Quota, subject: string): string {
  return `quota:${name}:${digest(subject.toLowerCase())}`
}

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
