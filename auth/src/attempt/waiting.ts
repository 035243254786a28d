import { type Bounded, bounded, busy } from '@ego/kit/bounded'

const waitingMax = 400
/** Whoever waits in three lines one after the other still hears from us before a gateway gives up after 30 seconds. */
const waitMsMax = 5_000
const busyText = 'Too many people are signing in at the moment.'

/**
 * For a hash, and for a place: how long one takes depends on the machine and the parameters, so it is the time that is
 * bounded too. Whose turn comes too late hears so at once, and takes none of the time of those behind.
 */
export function inTimelyTurn(runningMax: number, nowMs = () => performance.now()): Bounded {
  const inTurn = bounded({ runningMax, waitingMax, busyText })
  return (work) => {
    const sinceMs = nowMs()
    return inTurn(async () => {
      if (nowMs() - sinceMs > waitMsMax) throw busy(busyText)
      return work()
    })
  }
}
