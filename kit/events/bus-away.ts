import type { Bus } from './bus.ts'

/** The bus of a service that runs alone without a broker: its events stay in the outbox until there is one. */
export function awayBus(): Bus {
  const away = () => Promise.reject(new Error('There is no broker: set EVENTS_URL.'))
  return {
    publish: away,
    check: away,
    subscribe: async () => ({ async [Symbol.asyncDispose]() {} }),
  }
}
