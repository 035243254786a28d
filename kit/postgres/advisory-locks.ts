/** The first number of every advisory lock of Ego. The second one distinguishes them within one database. */
export const lockClass = 7262

/** Used in the database of every service; the trigger in 0001-events.sql uses the number of `sleep` too. A service's own locks start at 3. */
export const relayLocks = { lead: 1, sleep: 2 } as const
