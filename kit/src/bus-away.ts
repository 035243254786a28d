import type { Bus } from './bus.ts'

/** For a service that runs alone, without a broker: its events stay in the outbox until there is one. */
export function awayBus(): Bus {
  return {
    publish: () => Promise.reject(new Error('There is no broker to publish to.')),
    subscribe: async () => ({ async [Symbol.asyncDispose]() {} }),
  }
}
