import { type Backoff, backoffMs, pause } from '@ego/kit/async/backoff'
import { SealedError } from '@ego/kit/http/identity/sealed'
import type { Log } from '@ego/kit/process/log'
import { type Mailer, MailerError } from '../mailer/mailer.ts'
import { RenderError, renderMail } from '../template/render.ts'
import type { Message, MessageStore } from './store.ts'

type Deps = {
  messages: Pick<MessageStore, 'markSent' | 'postpone' | 'markDead'>
  mailer: Pick<Mailer, 'send'>
  open: (sealed: string) => Promise<unknown>
  log: Pick<Log, 'info' | 'warn' | 'error'>
  now: () => number
  attemptsMax: number
  sleep?: typeof pause
}

export type Deliver = (message: Message, signal: AbortSignal) => Promise<void>

type Failure = { reason: string; isPermanent: boolean }

/** Spaces some forty attempts over about a day, and finds a server that is back within the hour. */
const retry: Backoff = { baseMs: 5_000, capMs: 3_600_000 }

// Longer together than a restart of the database takes, and shorter than the lease.
const markTriesMax = 25
const markRetry: Backoff = { baseMs: 100, capMs: 5_000 }

/**
 * Opens, renders and sends a claimed message, and writes down how that ended. What was opened stays in here: errors are
 * told by their kind only, since any message of theirs may quote an address or a link.
 */
export function createDeliver(deps: Deps): Deliver {
  const { messages, mailer, open, log, now, attemptsMax, sleep = pause } = deps

  async function send(message: Message, signal: AbortSignal): Promise<Failure | null> {
    const { id, template, createdAt, sealed, attempts } = message
    // A mail whose sending always kills the process would otherwise never come to an end.
    if (attempts > attemptsMax) return interrupted
    try {
      const rendered = renderMail(template, await open(sealed))
      await mailer.send({ ...rendered, id, template, createdAt }, signal)
      return null
    } catch (error) {
      return describe(error)
    }
  }

  /** A sent mail that cannot be marked is sent again later; so it is worth some patience. */
  async function markSent(id: string, signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await messages.markSent(id, now())
      } catch (error) {
        if (tries === markTriesMax || signal.aborted) throw error
        await sleep(backoffMs(tries, markRetry), signal)
      }
    }
  }

  return async (message, signal) => {
    const { id, template, attempts, requestId } = message
    const told = { event_id: id, request_id: requestId, template, attempts }
    const failure = await send(message, signal)
    if (!failure) {
      await markSent(id, signal)
      log.info(told, 'A mail is sent.')
      return
    }
    const { reason, isPermanent } = failure
    if (isPermanent || attempts >= attemptsMax) {
      await messages.markDead(message, reason, now())
      log.error({ ...told, failure: reason }, 'A mail is given up; it waits among the dead ones.')
    } else {
      await messages.postpone(message, reason, now() + backoffMs(attempts, retry))
      log.warn({ ...told, failure: reason }, 'A mail was not sent; it is tried again.')
    }
  }
}

const interrupted: Failure = {
  reason: 'Each attempt was cut off before it ended.',
  isPermanent: true,
}

function describe(error: unknown): Failure {
  if (error instanceof MailerError) {
    return { reason: error.message, isPermanent: error.isPermanent }
  }
  if (error instanceof SealedError || error instanceof RenderError) {
    return { reason: error.message, isPermanent: true }
  }
  const name = error instanceof Error ? error.name : 'unknown'
  return { reason: `Something unexpected went wrong: ${name}.`, isPermanent: false }
}
