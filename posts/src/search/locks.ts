/** The second numbers of the locks of posts; 1 and 2 are the relay's. Locks with a single number cannot meet these. */
export const postsLocks = { project: 3, rebuild: 4, write: 5 } as const
