import { randomUUID } from 'node:crypto'
import { repeat } from '../repeat.ts'
import type { Lead, RedisStream } from './stream.ts'

/** The right to read for a consumer, which one member at a time has. */
export type Lease = AsyncDisposable & {
  lead: Lead
  /** Aborts before anybody else can have it, by this process' own clock. */
  lost: AbortSignal
  /** To be asked where a process may have stood still, so that no timer has run. */
  isHeld(): boolean
}

type LeaseOptions = {
  stream: Pick<RedisStream, 'takeLease' | 'renewLease' | 'releaseLease'>
  consumer: string
  /** The same for all leases of one subscription. */
  member: string
  leaseMs: number
}

/** `null` while another member has it. It is renewed at a third of its time, until it is disposed. */
export async function takeLease(options: LeaseOptions): Promise<Lease | null> {
  const { stream, consumer, member, leaseMs } = options
  const lead = { consumer, holder: `${member}/${randomUUID()}` }
  // Counted from before the question: Redis begins to count later.
  let heldUntil = performance.now() + leaseMs
  if (!(await stream.takeLease(lead, member, leaseMs))) return null

  const losing = new AbortController()
  const lose = () => losing.abort()
  const isHeld = () => !losing.signal.aborted && performance.now() < heldUntil
  let expiry = setTimeout(lose, heldUntil - performance.now())
  const renewing = repeat({
    everyMs: leaseMs / 3,
    async work() {
      const untilMs = performance.now() + leaseMs
      if (!(await stream.renewLease(lead, leaseMs)) || !isHeld()) return lose()
      heldUntil = untilMs
      clearTimeout(expiry)
      expiry = setTimeout(lose, heldUntil - performance.now())
    },
    // It is tried again until the lease expires, which is told then.
    onError: () => {},
  })

  return {
    lead,
    lost: losing.signal,
    isHeld,
    async [Symbol.asyncDispose]() {
      await renewing[Symbol.asyncDispose]()
      clearTimeout(expiry)
      lose()
      // Where Redis is away, it expires.
      await stream.releaseLease(lead).catch(() => {})
    },
  }
}
