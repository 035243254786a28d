/** The second numbers of the locks of auth; 1 and 2 are the relay's. Locks with a single number cannot meet these. */
export const authLocks = { signingKeys: 3, sweep: 4, staff: 5 } as const
