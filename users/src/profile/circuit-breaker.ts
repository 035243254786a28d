import { unavailable } from '@ego/kit/async/unavailable'
import type { KeyValue } from '@ego/kit/key-value/key-value'
import type { Log } from '@ego/kit/process/log'

type Options = { keyValue: KeyValue; log: Pick<Log, 'info' | 'warn'>; now: () => number }

/** Long enough that hardly anybody waits for a store that is away, short enough that it is soon used again. */
const restMs = 1_000

/**
 * A store that is left alone for a moment after it has failed: until then, every call fails at once. But whatever should be
 * deleted is tried, since other processes may still read it there.
 */
export function restingKeyValue({ keyValue, log, now }: Options): KeyValue {
  let restsUntilMs = Number.NEGATIVE_INFINITY
  let isFailing = false

  async function ask<Result>(work: () => Promise<Result>): Promise<Result> {
    if (now() < restsUntilMs) throw unavailable('The store failed a moment ago.')
    return insist(work)
  }

  async function insist<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work()
      if (isFailing) log.info('the profile cache is used again')
      isFailing = false
      return result
    } catch (error) {
      restsUntilMs = now() + restMs
      if (!isFailing)
        log.warn({ err: error }, 'the profile cache is away; profiles come from the database')
      isFailing = true
      throw error
    }
  }

  return {
    get: (...given) => ask(() => keyValue.get(...given)),
    set: (...given) => ask(() => keyValue.set(...given)),
    setIfAbsent: (...given) => ask(() => keyValue.setIfAbsent(...given)),
    setIfEquals: (...given) => ask(() => keyValue.setIfEquals(...given)),
    increment: (...given) => ask(() => keyValue.increment(...given)),
    delete: (...given) => insist(() => keyValue.delete(...given)),
  }
}
