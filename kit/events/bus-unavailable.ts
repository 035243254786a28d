import type { Bus } from './bus.ts'

/** The bus of a service that runs alone without a broker: its events stay in the outbox until there is one. */
export function unavailableBus(): Bus {
  const reject = () => Promise.reject(new Error('There is no broker: set EVENTS_URL.'))
  return {
    publish: reject,
    check: reject,
    subscribe: async () => ({ async [Symbol.asyncDispose]() {} }),
  }
}
