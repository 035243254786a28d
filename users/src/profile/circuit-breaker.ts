import { unavailable } from '@ego/kit/async/unavailable'
import type { KeyValue } from '@ego/kit/key-value/key-value'
import type { Log } from '@ego/kit/process/log'

type CacheKeyValue = Pick<KeyValue, 'get' | 'setIfAbsent' | 'setIfEquals' | 'delete'>

type Options = { keyValue: CacheKeyValue; log: Pick<Log, 'info' | 'warn'>; now: () => number }

/** Long enough that few requests wait for a cache that is away, short enough that it is soon used again. */
const openMs = 1_000

/**
 * After a failure, calls fail at once for a moment. But every delete is tried, since other processes may still read the
 * entry.
 */
export function withCircuitBreaker({ keyValue, log, now }: Options): CacheKeyValue {
  let openUntilMs = Number.NEGATIVE_INFINITY
  let isFailing = false

  async function unlessOpen<Result>(work: () => Promise<Result>): Promise<Result> {
    if (now() < openUntilMs) throw unavailable('The cache failed a moment ago.')
    return call(work)
  }

  async function call<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work()
      if (isFailing) log.info('the profile cache is used again')
      isFailing = false
      return result
    } catch (error) {
      openUntilMs = now() + openMs
      if (!isFailing)
        log.warn({ err: error }, 'the profile cache is away; profiles come from the database')
      isFailing = true
      throw error
    }
  }

  return {
    get: (...given) => unlessOpen(() => keyValue.get(...given)),
    setIfAbsent: (...given) => unlessOpen(() => keyValue.setIfAbsent(...given)),
    setIfEquals: (...given) => unlessOpen(() => keyValue.setIfEquals(...given)),
    delete: (...given) => call(() => keyValue.delete(...given)),
  }
}
