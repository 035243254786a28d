/** For a hash, and for a place. Whoever waits in three lines still hears from us before a gateway gives up after 30 s. */
export const signInQueue = {
  waitingMax: 400,
  waitMsMax: 5_000,
  busyText: 'Too many people are signing in at the moment.',
}
