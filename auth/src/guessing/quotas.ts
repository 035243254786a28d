import type { Config } from '../config.ts'
import type { MissLimits, Quota } from './guess-limiter-key-value.ts'

export type Quotas = Record<
  | 'registrationsOfIp'
  | 'mailsOfAccount'
  | 'resetMailsToAddress'
  | 'newEmailMailsToAddress'
  | 'mailsOfIp',
  Quota
>

/** Whatever this many networks, or accounts, may ask for is enough for one mailbox. */
const askersOfAddress = 4

const minuteMs = 60_000
const hourMs = 60 * minuteMs

export function quotasOf(config: Config): Quotas {
  const toAddress = { max: config.MAILS_PER_HOUR * askersOfAddress, windowMs: hourMs }
  return {
    registrationsOfIp: { name: 'register', max: config.REGISTRATIONS_PER_HOUR, windowMs: hourMs },
    mailsOfAccount: { name: 'mail', max: config.MAILS_PER_HOUR, windowMs: hourMs },
    // Apart, so that nobody uses up the resets of an address by wanting it for himself.
    resetMailsToAddress: { name: 'mail-to', ...toAddress },
    newEmailMailsToAddress: { name: 'mail-new-email', ...toAddress },
    mailsOfIp: { name: 'mail-ip', max: config.MAILS_PER_HOUR_AND_IP, windowMs: hourMs },
  }
}

export function missLimitsOf(config: Config): MissLimits {
  return {
    missesMax: config.LOGIN_MISSES_MAX,
    waitMsMax: config.LOGIN_WAIT_SECONDS_MAX * 1000,
    perIp: { name: 'miss', max: config.LOGIN_MISSES_PER_IP, windowMs: 15 * minuteMs },
  }
}
