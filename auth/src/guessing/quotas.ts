import { createHash } from 'node:crypto'
import { Problem } from '@ego/kit/http/problem'
import type { KeyValue } from '@ego/kit/key-value/key-value'

/** How often something may be done, and how its counters are named. */
export type Quota = { name: string; max: number; windowMs: number }

export type QuotaName =
  | 'registrationsOfIp'
  | 'mailsOfAccount'
  | 'resetMailsToAddress'
  | 'newEmailMailsToAddress'
  | 'mailsOfIp'

export type Quotas = {
  /** Throws a 429 Problem when nothing is left in the window. */
  take(name: QuotaName, subject: string): Promise<void>
  /** Takes one too, but only returns `false` when nothing is left: for what the caller must not learn. */
  tryTake(name: QuotaName, subject: string): Promise<boolean>
}

type Limits = {
  REGISTRATIONS_PER_HOUR: number
  MAILS_PER_HOUR: number
  MAILS_PER_HOUR_AND_IP: number
}

/** What this many networks, or accounts, may ask for is enough for one mailbox. */
const askersOfAddress = 4

const hourMs = 3_600_000

export function createQuotas(keyValue: KeyValue, limits: Limits): Quotas {
  const quotas = quotasOf(limits)

  async function count(name: QuotaName, subject: string) {
    const quota = quotas[name]
    const taken = await keyValue.increment(quotaKey(quota, subject), quota.windowMs)
    return { isLeft: taken.count <= quota.max, resetsInMs: taken.resetsInMs }
  }

  return {
    async take(name, subject) {
      const { isLeft, resetsInMs } = await count(name, subject)
      if (!isLeft) throw tooManyAttempts(resetsInMs)
    },
    tryTake: async (name, subject) => (await count(name, subject)).isLeft,
  }
}

function quotasOf(limits: Limits): Record<QuotaName, Quota> {
  const toAddress = { max: limits.MAILS_PER_HOUR * askersOfAddress, windowMs: hourMs }
  return {
    registrationsOfIp: { name: 'register', max: limits.REGISTRATIONS_PER_HOUR, windowMs: hourMs },
    mailsOfAccount: { name: 'mail', max: limits.MAILS_PER_HOUR, windowMs: hourMs },
    // Apart, so that requests for a new address do not use up the resets of its owner.
    resetMailsToAddress: { name: 'mail-to', ...toAddress },
    newEmailMailsToAddress: { name: 'mail-new-email', ...toAddress },
    mailsOfIp: { name: 'mail-ip', max: limits.MAILS_PER_HOUR_AND_IP, windowMs: hourMs },
  }
}

export function quotaKey({ name }: Quota, subject: string): string {
  return `quota:${name}:${digest(subject.toLowerCase())}`
}

/** What people type is hashed: keys have a size limit, and names should not be stored in another engine. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

export function tooManyAttempts(waitMs: number): Problem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  const text = `That was tried too often. Try again in ${seconds} seconds.`
  return new Problem(429, 'too_many_attempts', text, {
    headers: { 'retry-after': String(seconds) },
  })
}
