import { backoffMs, pause } from '@ego/kit/async/backoff'
import type { Signal } from '@ego/kit/async/signal'
import type { Log } from '@ego/kit/process/log'
import type { Deliver } from './deliver.ts'
import type { Message, MessageStore } from './store.ts'

type Options = {
  messages: Pick<MessageStore, 'claim'>
  deliver: Deliver
  wakeUp: Signal
  log: Pick<Log, 'warn'>
  now: () => number
  /** The safety net, and how soon a message that is due again is seen. */
  pollMs?: number
  atOnceMax?: number
  /** How long a stop waits for mails under way before it cuts them off. */
  graceMs?: number
}

// Longer than any attempt takes: a message of a process that died goes out again only after it.
const leaseMs = 180_000
const retry = { baseMs: 100, capMs: 10_000 }

/** Sends what is due, a few at once. Every process may run one: a claim gives each message to one of them. */
export function startWorker(options: Options): AsyncDisposable {
  const { messages, deliver, wakeUp, log, now } = options
  const { pollMs = 1_000, atOnceMax = 5, graceMs = 5_000 } = options
  const stopping = new AbortController()
  const cutting = new AbortController()
  const underWay = new Set<Promise<void>>()
  const running = run()

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        const taken = await takeMore()
        failures = 0
        if (taken === 0) await wakeUp.wait(pollMs)
      } catch (error) {
        failures += 1
        log.warn({ err: error, failures }, 'Mails wait in the queue.')
        await pause(backoffMs(failures, retry), stopping.signal)
      }
    }
  }

  // Only as many as can be sent at once, since the lease begins now.
  async function takeMore(): Promise<number> {
    const limit = atOnceMax - underWay.size
    if (limit === 0) return 0
    const claimed = await messages.claim({ now: now(), limit, leaseMs })
    for (const message of claimed) send(message)
    return claimed.length
  }

  function send(message: Message): void {
    const work = deliver(message, cutting.signal)
      .catch((error: unknown) => {
        // Only the database can be at fault here, so this error holds nothing of the mail.
        const told = { err: error, event_id: message.id }
        log.warn(told, 'How a mail ended could not be written down.')
      })
      .finally(() => {
        underWay.delete(work)
        wakeUp.notify()
      })
    underWay.add(work)
  }

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      wakeUp.notify()
      await running
      const timer = setTimeout(() => cutting.abort(), graceMs)
      await Promise.all(underWay)
      clearTimeout(timer)
    },
  }
}
