import { type Backoff, backoffMs, pause } from '@ego/kit/async/backoff'
import { SealedError } from '@ego/kit/http/identity/sealed'
import type { Log } from '@ego/kit/process/log'
import { type Mail, type Mailer, MailerError } from '../mailer/mailer.ts'
import { RenderError, renderMail } from '../template/render.ts'
import type { Message, MessageStore } from './store.ts'

export type DeliverDeps = {
  messages: Pick<MessageStore, 'markSent' | 'postpone' | 'bury'>
  mailer: Pick<Mailer, 'send'>
  open: (sealed: string) => Promise<unknown>
  log: Pick<Log, 'info' | 'warn' | 'error'>
  now: () => number
  attemptsMax: number
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Spaces some forty attempts over about a day, and finds a server that is back within the hour. */
export const retry: Backoff = { baseMs: 5_000, capMs: 3_600_000 }

// Longer together than a restart of the database takes, and shorter than the lease.
const markTriesMax = 25
const markRetry: Backoff = { baseMs: 100, capMs: 5_000 }

/**
 * Opens, renders and sends a claimed message, and writes down how that ended. What was opened stays in here: errors are
 * told by their kind only, since any message of theirs may quote an address or a link.
 */
export function deliver(deps: DeliverDeps) {
  const { messages, mailer, open, log, now, attemptsMax, sleep = pause } = deps

  async function fail(message: Message, failure: Failure): Promise<void> {
    const { id: event_id, template, attempts, requestId: request_id } = message
    const told = { event_id, request_id, template, attempts, failure: failure.reason }
    if (failure.isPermanent || attempts >= attemptsMax) {
      await messages.bury(message, failure.reason, now())
      log.error(told, 'A mail is given up; it waits among the dead ones.')
    } else {
      await messages.postpone(message, failure.reason, now() + backoffMs(attempts, retry))
      log.warn(told, 'A mail was not sent; it is tried again.')
    }
  }

  return async (message: Message, signal: AbortSignal): Promise<void> => {
    const { id: event_id, template, attempts, requestId: request_id } = message
    // A mail whose sending always kills the process would otherwise never come to an end.
    if (attempts > attemptsMax) return fail(message, interrupted)
    try {
      await mailer.send(await toMail(message, open), signal)
    } catch (error) {
      return fail(message, describe(error))
    }
    await persist(() => messages.markSent(event_id, now()), sleep, signal)
    log.info({ event_id, request_id, template, attempts }, 'A mail is sent.')
  }
}

async function toMail(message: Message, open: DeliverDeps['open']): Promise<Mail> {
  const { id, template, createdAt, sealed } = message
  return { ...renderMail(template, await open(sealed)), id, template, createdAt }
}

type Failure = { reason: string; isPermanent: boolean }

const interrupted: Failure = {
  reason: 'Each attempt was cut off before it ended.',
  isPermanent: true,
}

function describe(error: unknown): Failure {
  if (error instanceof MailerError) return error
  if (error instanceof SealedError || error instanceof RenderError) {
    return { reason: error.message, isPermanent: true }
  }
  const name = error instanceof Error ? error.name : 'unknown'
  return { reason: `Something unexpected went wrong: ${name}.`, isPermanent: false }
}

/** A sent mail that cannot be marked is sent again later; so it is worth some patience. */
async function persist(
  work: () => Promise<void>,
  sleep: NonNullable<DeliverDeps['sleep']>,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (tries === markTriesMax || signal.aborted) throw error
      await sleep(backoffMs(tries, markRetry), signal)
    }
  }
}
