/** The first number of our advisory locks. The second one tells them apart, within one database. */
export const lockClass = 7262

/** In every database of a service; the trigger of 0001-events.sql names `sleep` too. A service counts on from 3. */
export const relayLocks = { lead: 1, sleep: 2 } as const
