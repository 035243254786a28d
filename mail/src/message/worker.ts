import { backoffMs, pause } from '@ego/kit/async/backoff'
import type { Signal } from '@ego/kit/async/signal'
import type { Log } from '@ego/kit/process/log'
import type { Message, MessageStore } from './store.ts'

export type WorkerOptions = {
  messages: Pick<MessageStore, 'claim'>
  deliver: (message: Message, signal: AbortSignal) => Promise<void>
  wakeUp: Signal
  log: Pick<Log, 'warn'>
  now: () => number
  /** The safety net, and how soon a message that is due again is seen. */
  pollMs?: number
  atOnceMax?: number
  /** Longer than any attempt takes: a message of a process that died goes out again only after it. */
  leaseMs?: number
  /** How long a stop waits for mails under way before it cuts them off. */
  graceMs?: number
}

const retry = { baseMs: 100, capMs: 10_000 }

/** Sends what is due, a few at once. Every process may run one: a claim gives each message to one of them. */
export function startWorker(options: WorkerOptions): AsyncDisposable {
  const { messages, wakeUp, log, now, graceMs = 5_000 } = options
  const { pollMs = 1_000, atOnceMax = 5, leaseMs = 180_000 } = options
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
    for (const message of claimed) begin(message)
    return claimed.length
  }

  function begin(message: Message): void {
    const work = send(message).finally(() => {
      underWay.delete(work)
      wakeUp.notify()
    })
    underWay.add(work)
  }

  async function send(message: Message): Promise<void> {
    try {
      await options.deliver(message, cutting.signal)
    } catch (error) {
      // Only the database can be at fault here, so this error holds nothing of the mail.
      log.warn({ err: error, event_id: message.id }, 'How a mail ended could not be written down.')
    }
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
