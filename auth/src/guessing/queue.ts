/** For a hash, and for a slot. A request that waits in all three queues is still answered before a gateway gives up after 30 s. */
export const signInQueue = {
  waitingMax: 400,
  waitMsMax: 5_000,
  busyText: 'Too many people are signing in at the moment.',
}
